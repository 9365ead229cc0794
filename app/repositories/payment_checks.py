"""Every statement that holds payments, bookings and the books against each other.

Each is one statement, so that what is written meanwhile is not taken for a disagreement.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)

from app.core.database import Connection
from app.core.statements import Query
from app.domain.bookings import PaymentStatus
from app.domain.dues import GIVEN_UP
from app.domain.ledger import AccountKind, EntryKind
from app.domain.payment_checks import Disagreement, DisagreementKind
from app.domain.payments import RefundState
from app.models import (
    Bookings,
    Disputes,
    LedgerAccounts,
    LedgerEntries,
    LedgerPostings,
    Payments,
    Providers,
    Refunds,
)

MOST: Final = bindparam("most", type_=BigInteger)


def _told(amount: Any, currency: Any) -> Any:
    return func.concat(amount, " ", currency, type_=Text)


def _both(paid: Any, refunded: Any) -> Any:
    return func.concat(paid, " less ", refunded, type_=Text)


def _disagreement(kind: str, *rest: Any) -> Disagreement:
    return Disagreement(DisagreementKind(kind), *rest)


def _booked(source_id: Any, *kinds: EntryKind) -> Any:
    """Return how much entries of these kinds moved for a cause, 0 where there are none."""
    return (
        select(cast(func.coalesce(func.sum(LedgerPostings.amount), 0), BigInteger))
        .join(LedgerEntries, LedgerEntries.id == LedgerPostings.entry_id)
        .where(
            LedgerEntries.source_id == source_id,
            or_(*(LedgerEntries.kind == kind for kind in kinds)),
            LedgerPostings.amount > 0,
        )
        .correlate(Payments, Refunds)
        .scalar_subquery()
    )


CAPTURED_IN_BOOKS: Final = _booked(
    Payments.id, EntryKind.PAYMENT_CAPTURED, EntryKind.WALLET_TOPPED_UP
)
CAPTURED: Final = Query(
    select(
        literal(DisagreementKind.CAPTURED.value),
        Payments.id,
        _told(Payments.captured_amount, Payments.currency),
        _told(CAPTURED_IN_BOOKS, Payments.currency),
    )
    .where(Payments.captured_amount != CAPTURED_IN_BOOKS, Payments.booking_ids.is_(None))
    .order_by(Payments.id)
    .limit(MOST),
    _disagreement,
)
GIVEN_BACK: Final = (
    select(cast(func.coalesce(func.sum(Refunds.amount), 0), BigInteger))
    .where(Refunds.payment_id == Payments.id, Refunds.state != RefundState.FAILED)
    .correlate(Payments)
    .scalar_subquery()
)
REFUNDED: Final = Query(
    select(
        literal(DisagreementKind.REFUNDED.value),
        Payments.id,
        _told(GIVEN_BACK, Payments.currency),
        _told(Payments.refunded_amount, Payments.currency),
    )
    .where(Payments.refunded_amount != GIVEN_BACK, Payments.booking_ids.is_(None))
    .order_by(Payments.id)
    .limit(MOST),
    _disagreement,
)
TAKEN: Final = (
    select(cast(func.coalesce(func.sum(Disputes.amount), 0), BigInteger))
    .where(
        Disputes.payment_id == Payments.id,
        Disputes.withdrawn_at.is_not(None),
        Disputes.reinstated_at.is_(None),
    )
    .correlate(Payments)
    .scalar_subquery()
)
DISPUTED: Final = Query(
    select(
        literal(DisagreementKind.DISPUTED.value),
        Payments.id,
        _told(TAKEN, Payments.currency),
        _told(Payments.disputed_amount, Payments.currency),
    )
    .where(Payments.disputed_amount != TAKEN, Payments.booking_ids.is_(None))
    .order_by(Payments.id)
    .limit(MOST),
    _disagreement,
)
PLANNED_IN_BOOKS: Final = _booked(Refunds.id, EntryKind.REFUND_PLANNED)
PLANNED: Final = Query(
    select(
        literal(DisagreementKind.PLANNED.value),
        Refunds.id,
        _told(Refunds.amount, Refunds.currency),
        _told(PLANNED_IN_BOOKS, Refunds.currency),
    )
    .where(
        Refunds.amount != PLANNED_IN_BOOKS,
        # Of what had failed before we heard of it nothing was ever promised.
        or_(Refunds.state != RefundState.FAILED, PLANNED_IN_BOOKS > 0),
    )
    .order_by(Refunds.id)
    .limit(MOST),
    _disagreement,
)
ARRIVED_IN_BOOKS: Final = _booked(Refunds.id, EntryKind.REFUND_SUCCEEDED)
ARRIVED: Final = Query(
    select(
        literal(DisagreementKind.ARRIVED.value),
        Refunds.id,
        _told(Refunds.amount, Refunds.currency),
        _told(ARRIVED_IN_BOOKS, Refunds.currency),
    )
    .where(Refunds.state == RefundState.SUCCEEDED, Refunds.amount != ARRIVED_IN_BOOKS)
    .order_by(Refunds.id)
    .limit(MOST),
    _disagreement,
)

# What was paid for what is not earned yet must be in deposits, to the last cent. No account may be
# there where nothing was ever paid, and both sides may be missing.
SELLER: Final = func.coalesce(Bookings.organizer_id, Providers.user_id)
WAITING: Final = (
    select(
        SELLER.label("owner_id"),
        Payments.currency,
        cast(
            func.sum(
                Payments.captured_amount - Payments.refunded_amount - Payments.disputed_amount
            ),
            BigInteger,
        ).label("amount"),
    )
    .join(Bookings, Bookings.id == Payments.booking_id)
    .outerjoin(Providers, Providers.id == Bookings.provider_id)
    .where(
        ~exists().where(
            LedgerEntries.kind == EntryKind.BOOKING_EARNED,
            LedgerEntries.source_id == Bookings.id,
        )
    )
    .group_by(SELLER, Payments.currency)
    .subquery("waiting")
)
KEPT: Final = (
    select(LedgerAccounts.owner_id, LedgerAccounts.currency, LedgerAccounts.balance)
    .where(LedgerAccounts.kind == AccountKind.DEPOSITS)
    .subquery("kept")
)
EXPECTED: Final = func.coalesce(WAITING.c.amount, 0)
FOUND: Final = func.coalesce(KEPT.c.balance, 0)
OWNER: Final = func.coalesce(WAITING.c.owner_id, KEPT.c.owner_id)
CURRENCY: Final = func.coalesce(WAITING.c.currency, KEPT.c.currency, type_=String)
DEPOSITS: Final = Query(
    select(
        literal(DisagreementKind.DEPOSITS.value),
        OWNER,
        _told(EXPECTED, CURRENCY),
        _told(FOUND, CURRENCY),
    )
    .select_from(
        WAITING.join(
            KEPT,
            and_(KEPT.c.owner_id == WAITING.c.owner_id, KEPT.c.currency == WAITING.c.currency),
            full=True,
        )
    )
    .where(EXPECTED != FOUND)
    .order_by(OWNER, CURRENCY)
    .limit(MOST),
    _disagreement,
)

# Of a booking without any payment nothing is said: it may be older than payments.
PAID: Final = (
    select(
        Payments.booking_id,
        func.sum(Payments.captured_amount).label("captured"),
        func.sum(Payments.refunded_amount).label("refunded"),
    )
    .where(Payments.booking_id.is_not(None))
    .group_by(Payments.booking_id)
    .subquery("paid")
)
IS_GIVEN_UP: Final = or_(*(Bookings.status == status for status in GIVEN_UP))
OWED: Final = Bookings.price_amount + Bookings.late_fee_amount - Bookings.missed_fee_amount
IS_COVERED: Final = and_(~IS_GIVEN_UP, PAID.c.captured - PAID.c.refunded >= OWED)
HOW_FAR: Final = case(
    (PAID.c.captured == 0, PaymentStatus.UNPAID.value),
    (PAID.c.refunded == PAID.c.captured, PaymentStatus.REFUNDED.value),
    (IS_COVERED, PaymentStatus.PAID.value),
    (
        and_(PAID.c.refunded > 0, or_(IS_GIVEN_UP, PAID.c.captured >= OWED)),
        PaymentStatus.PARTIALLY_REFUNDED.value,
    ),
    (
        and_(IS_GIVEN_UP, PAID.c.captured >= Bookings.price_amount),
        PaymentStatus.PAID.value,
    ),
    else_=PaymentStatus.PARTIALLY_PAID.value,
)
BOOKING: Final = Query(
    select(
        literal(DisagreementKind.BOOKING.value),
        Bookings.id,
        HOW_FAR,
        cast(Bookings.payment_status, Text),
    )
    .join(PAID, PAID.c.booking_id == Bookings.id)
    .where(cast(Bookings.payment_status, Text) != HOW_FAR)
    .order_by(Bookings.id)
    .limit(MOST),
    _disagreement,
)
COUNTED: Final = Query(
    select(
        literal(DisagreementKind.COUNTED.value),
        Bookings.id,
        _both(PAID.c.captured, PAID.c.refunded),
        _both(Bookings.paid_amount, Bookings.refunded_amount),
    )
    .join(PAID, PAID.c.booking_id == Bookings.id)
    .where(
        or_(
            PAID.c.captured != Bookings.paid_amount,
            PAID.c.refunded != Bookings.refunded_amount,
        )
    )
    .order_by(Bookings.id)
    .limit(MOST),
    _disagreement,
)
PARTS: Final = Payments.__table__.alias("parts")
SHARED: Final = (
    select(
        PARTS.c.group_id,
        func.sum(PARTS.c.captured_amount).label("captured"),
        func.sum(PARTS.c.refunded_amount).label("refunded"),
    )
    .where(PARTS.c.group_id.is_not(None))
    .group_by(PARTS.c.group_id)
    .subquery("shared")
)
GROUP: Final = Query(
    select(
        literal(DisagreementKind.GROUP.value),
        Payments.id,
        _both(SHARED.c.captured, SHARED.c.refunded),
        _both(Payments.captured_amount, Payments.refunded_amount),
    )
    .join(SHARED, SHARED.c.group_id == Payments.id)
    .where(
        or_(
            SHARED.c.captured != Payments.captured_amount,
            SHARED.c.refunded != Payments.refunded_amount,
        )
    )
    .order_by(Payments.id)
    .limit(MOST),
    _disagreement,
)
CHECKS: Final = (CAPTURED, REFUNDED, DISPUTED, PLANNED, ARRIVED, DEPOSITS, BOOKING, COUNTED, GROUP)


class PaymentCheckRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def found(self, *, most: int) -> list[Disagreement]:
        """Return so many disagreements of each kind."""
        found: list[Disagreement] = []
        for check in CHECKS:
            found += await self.connection.all(check, most=most)
        return found
