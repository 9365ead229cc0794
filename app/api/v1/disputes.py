"""What banks took back of payments, for those who look after the money."""

from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import IfNoneMatch, RefundManager
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.disputes import DisputeNotFound
from app.schemas.base import Listing, listing
from app.schemas.disputes import DisputeQuery, DisputeRead, dispute_read

router = stem("disputes")
DISPUTE = Answers(dispute_read)
DISPUTES = Answers(listing(dispute_read))


@router.get(
    "",
    response_model=Listing[DisputeRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(DisputeQuery),
)
async def list_disputes(visitor: RefundManager, request: Request) -> Response:
    """List disputes, the newest first. They are answered at the gateway, not here."""
    query = queries.read(request, DisputeQuery)
    async with visitor.reading() as caller:
        page = await caller.services.disputes.list(caller.actor, query.wanted(), query.page())
    return DISPUTES.ok(page)


@router.get(
    "/{dispute_id}",
    response_model=DisputeRead,
    responses=problems(Forbidden, DisputeNotFound),
)
async def get_dispute(
    visitor: RefundManager, dispute_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one dispute."""
    async with visitor.reading() as caller:
        dispute = await caller.services.disputes.get(caller.actor, dispute_id)
    return DISPUTE.ok_or_unchanged(dispute, if_none_match)
