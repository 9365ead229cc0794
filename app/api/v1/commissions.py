"""What the platform keeps of single sellers, in place of the usual share."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import LedgerReader, PayoutManager
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.accounts import UserNotFound
from app.domain.commissions import CommissionNotFound
from app.schemas.base import Listing, listing
from app.schemas.commissions import (
    CommissionPut,
    CommissionQuery,
    CommissionRead,
    commission_read,
)

router = stem("commissions", prefix=f"{API}/commissions")
COMMISSION = Answers(commission_read)
COMMISSIONS = Answers(listing(commission_read))


@router.get(
    "",
    response_model=Listing[CommissionRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(CommissionQuery),
)
async def list_commissions(visitor: LedgerReader, request: Request) -> Response:
    """List those with a commission of their own, the last agreed first."""
    query = queries.read(request, CommissionQuery)
    async with visitor.reading() as caller:
        page = await caller.services.commissions.list(caller.actor, query.wanted(), query.page())
    return COMMISSIONS.ok(page)


@router.put(
    "/{user_id}",
    response_model=CommissionRead,
    responses=problems(Forbidden, UserNotFound),
)
async def put_commission(visitor: PayoutManager, user_id: UUID, body: CommissionPut) -> Response:
    """Agree with a seller on the share of what they earn from now on."""
    async with visitor.writing() as caller:
        agreed = await caller.services.commissions.agree(caller.actor, user_id, body.basis_points)
    return COMMISSION.ok(agreed)


@router.delete(
    "/{user_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, CommissionNotFound),
)
async def delete_commission(visitor: PayoutManager, user_id: UUID) -> Response:
    """Go back to the usual share."""
    async with visitor.writing() as caller:
        await caller.services.commissions.end(caller.actor, user_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
