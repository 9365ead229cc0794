"""The devices that are signed in."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import cookies, queries
from app.api.answers import Answers
from app.api.deps import Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.listing import InvalidCursor, Page
from app.domain.actors import Actor
from app.domain.sessions import Session, SessionNotFound
from app.schemas.base import Listing, listing
from app.schemas.sessions import SessionQuery, SessionRead, session_read

router = stem("auth", prefix=f"{API}/auth/sessions")
SESSIONS = Answers(listing(session_read))


@router.get(
    "",
    response_model=Listing[SessionRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(SessionQuery),
)
async def list_sessions(visitor: Visitor, request: Request) -> Response:
    """List the devices on which one is signed in."""
    query = queries.read(request, SessionQuery)
    async with visitor.reading() as caller:
        page = await caller.services.sessions.list(caller.actor, query.page())
        return SESSIONS.ok(_seen_from(caller.actor, page))


@router.delete(
    "/{session_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(SessionNotFound)
)
async def end_session(visitor: Visitor, session_id: UUID) -> Response:
    """Sign out on one device; its tokens are worth nothing from then on."""
    async with visitor.writing() as caller:
        await caller.services.sessions.end_one(caller.actor, session_id)
        response = Response(status_code=status.HTTP_204_NO_CONTENT)
        if session_id == caller.actor.session_id:
            cookies.forget(response, visitor.request)
        return response


def _seen_from(actor: Actor, page: Page[Session]) -> Page[tuple[Session, bool]]:
    items = [(session, session.id == actor.session_id) for session in page.items]
    return Page(items, page.next_cursor, page.total)
