"""The accounts elsewhere that open one's account here."""

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.api.v1.oauth import Provider
from app.core.listing import InvalidCursor
from app.domain.actors import StepUpRequired
from app.domain.identities import IdentityNotFound, LastWayIn
from app.schemas.base import Listing, listing
from app.schemas.identities import IdentityQuery, IdentityRead, identity_read

router = stem("auth", prefix=f"{API}/auth/identities")
IDENTITIES = Answers(listing(identity_read))


@router.get(
    "",
    response_model=Listing[IdentityRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(IdentityQuery),
)
async def list_identities(visitor: Visitor, request: Request) -> Response:
    """List the accounts elsewhere with which one can sign in."""
    query = queries.read(request, IdentityQuery)
    async with visitor.reading() as caller:
        page = await caller.services.identities.list(caller.actor, query.page())
        return IDENTITIES.ok(page)


@router.delete(
    "/{provider}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(IdentityNotFound, LastWayIn, StepUpRequired),
)
async def delete_identity(visitor: Visitor, provider: Provider) -> Response:
    """Let no account of a provider open one's own any more; sessions go on."""
    async with visitor.writing() as caller:
        await caller.services.identities.remove(caller.actor, provider)
        return Response(status_code=status.HTTP_204_NO_CONTENT)
