"""Giving money back."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import BookingReader, BookingWriter, IdempotencyKey
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.group_payments import ShareNeeded
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.ledger import InsufficientFunds
from app.domain.payments import PaymentNotFound
from app.domain.refunds import OtherCurrency, RefundExceedsPayment
from app.schemas.base import Listing, listing
from app.schemas.payments import RefundCreate, RefundQuery, RefundRead, refund_read

router = stem("refunds", prefix=f"{API}/payments/{{payment_id}}/refunds")
REFUND = Answers(refund_read)
REFUNDS = Answers(listing(refund_read))


@router.post(
    "",
    response_model=RefundRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Forbidden,
        PaymentNotFound,
        RefundExceedsPayment,
        OtherCurrency,
        ShareNeeded,
        InsufficientFunds,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_refund(
    visitor: BookingWriter,
    payment_id: UUID,
    body: RefundCreate | None = None,
    key: IdempotencyKey = None,
) -> Response:
    """Give a payment back, or a part of it; one that failed is tried again by another.

    Of one for several bookings say of which, with `booking_id`.
    """
    amount = body.amount.value() if body and body.amount else None
    reason = body.reason if body else None
    async with visitor.writing(key) as caller:
        share_id = await caller.services.group_payments.share(
            caller.actor, payment_id, body.booking_id if body else None
        )
        refund = await caller.services.refunds.request(
            caller.actor, share_id, amount=amount, reason=reason
        )
        place = f"{API}/payments/{payment_id}/refunds"
        return await caller.answer(REFUND.created(refund, at=place))


@router.get(
    "",
    response_model=Listing[RefundRead],
    responses=problems(PaymentNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(RefundQuery),
)
async def list_refunds(visitor: BookingReader, payment_id: UUID, request: Request) -> Response:
    """List what was given back of a payment, and what failed."""
    query = queries.read(request, RefundQuery)
    async with visitor.reading() as caller:
        page = await caller.services.refunds.list(caller.actor, payment_id, query.page())
    return REFUNDS.ok(page)
