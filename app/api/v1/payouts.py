"""Paying those who sell."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import IdempotencyKey, PayoutManager, Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.actors import SessionRequired, StepUpRequired
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.ledger import InsufficientFunds
from app.domain.payouts import PayoutNotFound, PayoutSettled
from app.schemas.base import Listing, listing
from app.schemas.payouts import PayoutCreate, PayoutQuery, PayoutRead, payout_read

router = stem("payouts", prefix=f"{API}/payouts")
PAYOUT = Answers(payout_read)
PAYOUTS = Answers(listing(payout_read))


@router.get(
    "",
    response_model=Listing[PayoutRead],
    responses=problems(SessionRequired, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(PayoutQuery),
)
async def list_payouts(visitor: Visitor, request: Request) -> Response:
    """List payouts, the newest first: those who sell see their own."""
    query = queries.read(request, PayoutQuery)
    async with visitor.reading() as caller:
        page = await caller.services.payouts.list(
            caller.actor, query.wanted(), query.page(), mine=query.mine
        )
    return PAYOUTS.ok(page)


@router.post(
    "",
    response_model=PayoutRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(Forbidden, InsufficientFunds, IdempotencyKeyInUse, IdempotencyKeyReused),
)
async def create_payout(
    visitor: PayoutManager, body: PayoutCreate, key: IdempotencyKey = None
) -> Response:
    """Propose to pay a seller what they have earned, or some of it."""
    async with visitor.writing(key) as caller:
        payout = await caller.services.payouts.propose(caller.actor, body.wanted())
        return await caller.answer(PAYOUT.created(payout))


@router.post(
    "/{payout_id}/paid",
    response_model=PayoutRead,
    responses=problems(
        Forbidden,
        SessionRequired,
        StepUpRequired,
        PayoutNotFound,
        PayoutSettled,
        InsufficientFunds,
    ),
)
async def pay_payout(visitor: Visitor, payout_id: UUID) -> Response:
    """Note that a payout was paid at a bank, and write it into the books."""
    async with visitor.writing() as caller:
        payout = await caller.services.payouts.pay(caller.actor, payout_id)
    return PAYOUT.ok(payout)


@router.post(
    "/{payout_id}/cancel",
    response_model=PayoutRead,
    responses=problems(Forbidden, PayoutNotFound, PayoutSettled),
)
async def cancel_payout(visitor: PayoutManager, payout_id: UUID) -> Response:
    """Cancel a payout that was proposed and not paid."""
    async with visitor.writing() as caller:
        payout = await caller.services.payouts.cancel(caller.actor, payout_id)
    return PAYOUT.ok(payout)
