"""Addresses that nobody is behind, and that are not written to any more."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import NotificationManager
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.suppressions import SuppressionNotFound
from app.schemas.base import Listing, listing
from app.schemas.suppressions import SuppressionQuery, SuppressionRead, suppression_read

router = stem("suppressions", prefix=f"{API}/admin/suppressions")
SUPPRESSIONS = Answers(listing(suppression_read))


@router.get(
    "",
    response_model=Listing[SuppressionRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(SuppressionQuery),
)
async def list_suppressions(visitor: NotificationManager, request: Request) -> Response:
    """List addresses that refused what was sent there for good, the newest first."""
    query = queries.read(request, SuppressionQuery)
    async with visitor.reading() as caller:
        page = await caller.services.suppressions.list(caller.actor, query.wanted(), query.page())
    return SUPPRESSIONS.ok(page)


@router.delete(
    "/{suppression_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, SuppressionNotFound),
)
async def delete_suppression(visitor: NotificationManager, suppression_id: UUID) -> Response:
    """Let an address be written to again."""
    async with visitor.writing() as caller:
        await caller.services.suppressions.remove(caller.actor, suppression_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
