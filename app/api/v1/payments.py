"""Paying for bookings."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import (
    BookingReader,
    BookingWriter,
    Caller,
    IdempotencyKey,
    IfNoneMatch,
    SignedIn,
)
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import BookingNotFound
from app.domain.cards import CardNotKept, UnknownCard
from app.domain.gateways import GatewayUnavailable
from app.domain.group_payments import SeveralCurrencies, SeveralCustomers, TooMuchAtOnce
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.ledger import InsufficientFunds
from app.domain.payments import (
    AT_HAND,
    ChargeState,
    MethodUnavailable,
    NotPayable,
    Payment,
    PaymentNotFound,
)
from app.schemas.base import Listing, listing
from app.schemas.payments import PaymentCreate, PaymentQuery, PaymentRead, payment_read

router = stem("payments")
PAYMENT = Answers(payment_read)
PAYMENTS = Answers(listing(payment_read))


@router.post(
    "",
    response_model=PaymentRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Forbidden,
        BookingNotFound,
        NotPayable,
        InsufficientFunds,
        MethodUnavailable,
        UnknownCard,
        CardNotKept,
        SeveralCurrencies,
        SeveralCustomers,
        TooMuchAtOnce,
        GatewayUnavailable,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_payment(
    visitor: BookingWriter, body: PaymentCreate, key: IdempotencyKey = None
) -> Response:
    """Pay for a booking, or for several: by card, at FreedomPay, out of one's wallet, or in cash.

    What is due is asked for: a deposit first, then the rest. Of several bookings all are paid for
    or none, each with a share that is a payment of its own, and can be given back by itself.

    A payment by card or at FreedomPay waits for the customer, with `client_secret` or
    `redirect_url`; that it succeeded is told by the payment itself, a moment later. Cash is
    recorded by those who take it.
    """
    if body.payment_method in AT_HAND:
        async with visitor.writing(key) as caller:
            payment = await _opened(caller, body, None)
            paid = await caller.services.charges.pay_at_hand(payment)
            return await caller.answer(PAYMENT.created(paid, at=f"{API}/payments/{paid.id}"))
    return await asked(visitor, lambda caller: _opened(caller, body, key), key)


async def _opened(caller: Caller, body: PaymentCreate, key: str | None) -> Payment:
    ids, method = body.paid_for(), body.payment_method
    if len(ids) == 1:
        return await caller.services.payments.open(
            caller.actor, ids[0], method, key=key, card=body.card()
        )
    return await caller.services.group_payments.open(
        caller.actor, ids, method, key=key, card=body.card()
    )


async def asked(
    visitor: SignedIn, opening: Callable[[Caller], Awaitable[Payment]], key: str | None
) -> Response:
    """Write down what is to be paid, then ask the gateway, then keep what it said.

    No transaction is open while it is asked. The same request, sent again after a crash at any
    point, finds the payment it made and goes on from there.
    """
    async with visitor.writing() as caller:
        payment = await opening(caller)
        begun = None
        if payment.state is ChargeState.OPEN:
            locale = await caller.services.payments.locale_of(payment)
            begun = await caller.services.payments.begin(payment, locale=locale)
    async with visitor.writing(key) as caller:
        if begun is not None:
            await caller.services.payments.show(payment.id, begun)
            payment = await caller.services.charges.report(payment.id, begun.charge)
        return await caller.answer(PAYMENT.created(payment, at=f"{API}/payments/{payment.id}"))


@router.get(
    "",
    response_model=Listing[PaymentRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(PaymentQuery),
)
async def list_payments(visitor: BookingReader, request: Request) -> Response:
    """List payments: one's own, and for those who look after the money everybody's."""
    query = queries.read(request, PaymentQuery)
    async with visitor.reading() as caller:
        page = await caller.services.payments.list(caller.actor, query.wanted(), query.page())
    return PAYMENTS.ok(page)


@router.get(
    "/{payment_id}",
    response_model=PaymentRead,
    responses=problems(PaymentNotFound),
)
async def get_payment(
    visitor: BookingReader, payment_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one payment."""
    async with visitor.reading() as caller:
        payment = await caller.services.payments.get(caller.actor, payment_id)
    return PAYMENT.ok_or_unchanged(payment, if_none_match)
