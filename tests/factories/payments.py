"""Money as it is in the tables, and what must hold of it whatever happened."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Text, cast, func, literal, or_, select, union_all

from app.bootstrap import Adapters, Doors, Services
from app.core.database import Connection
from app.core.statements import Query
from app.domain.actors import Actor
from app.domain.payments import ChargeState, GatewayName, Payment, PaymentMethod
from app.domain.refunds import Refund
from app.integrations.payments.protocol import PaymentGateway
from app.models import LedgerAccounts, LedgerPostings, Payments, Refunds
from app.repositories.base import columns

PAYMENTS = Query(
    select(*columns(Payments, Payment)).order_by(Payments.created_at, Payments.id), Payment
)
REFUNDS = Query(select(*columns(Refunds, Refund)).order_by(Refunds.created_at, Refunds.id), Refund)
POSTED = (
    select(func.coalesce(func.sum(LedgerPostings.amount), 0))
    .where(LedgerPostings.account_id == LedgerAccounts.id)
    .correlate(LedgerAccounts)
    .scalar_subquery()
)
PARTS = Payments.__table__.alias("parts")
OFF = Query(
    union_all(
        select(literal("an entry").label("what"), cast(LedgerPostings.entry_id, Text).label("id"))
        .group_by(LedgerPostings.entry_id, LedgerPostings.currency)
        .having(func.sum(LedgerPostings.amount) != 0),
        select(literal("a balance"), cast(LedgerAccounts.id, Text)).where(
            LedgerAccounts.balance != POSTED
        ),
        select(literal("a payment"), cast(Payments.id, Text)).where(
            Payments.refunded_amount
            != select(func.coalesce(func.sum(Refunds.amount), 0))
            .where(Refunds.payment_id == Payments.id, Refunds.state != "failed")
            .correlate(Payments)
            .scalar_subquery(),
            Payments.booking_ids.is_(None),
        ),
        select(literal("shares"), cast(Payments.id, Text)).where(
            Payments.booking_ids.is_not(None),
            or_(
                *(
                    Payments.__table__.c[name]
                    != select(func.sum(PARTS.c[name]))
                    .where(PARTS.c.group_id == Payments.id)
                    .correlate(Payments)
                    .scalar_subquery()
                    for name in ("amount", "captured_amount", "refunded_amount")
                )
            ),
        ),
    )
    .subquery("off")
    .select(),
    lambda what, id_: (what, id_),
)
BALANCES = Query(
    select(LedgerAccounts.kind, func.sum(LedgerAccounts.balance).label("balance"))
    .group_by(LedgerAccounts.kind)
    .having(func.sum(LedgerAccounts.balance) != 0)
    .order_by(LedgerAccounts.kind),
    lambda kind, balance: (str(kind), int(balance)),
)


async def ensure_books_balance(connection: Connection) -> None:
    """Fail unless entries sum to zero, balances are their postings, and refunds are counted."""
    assert await connection.all(OFF) == []


def with_gateways(adapters: Adapters, gateways: Mapping[GatewayName, PaymentGateway]) -> Adapters:
    """Return the adapters with other gateways; cards go to Stripe if it is there."""
    return replace(adapters, gateways=gateways)


async def ask(doors: Doors, actor: Actor, booking_id: UUID, method: PaymentMethod) -> Payment:
    """Ask for money as POST /payments does, each step in a transaction of its own."""
    return await _asked(
        doors, lambda services: services.payments.open(actor, booking_id, method, key=None)
    )


async def ask_together(
    doors: Doors, actor: Actor, booking_ids: Sequence[UUID], method: PaymentMethod
) -> Payment:
    """As `ask`, for several bookings at once."""
    return await _asked(
        doors, lambda services: services.group_payments.open(actor, booking_ids, method, key=None)
    )


async def _asked(doors: Doors, opening: Callable[[Services], Awaitable[Payment]]) -> Payment:
    async with doors.writing() as services:
        payment = await opening(services)
        begun = None
        if payment.state is ChargeState.OPEN:
            begun = await services.payments.begin(payment, locale="en")
    if begun is None:
        return payment
    async with doors.writing() as services:
        await services.payments.show(payment.id, begun)
        return await services.charges.report(payment.id, begun.charge)
