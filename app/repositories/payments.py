"""Every statement about payments."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Interval,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.errors import Contention
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.bookings import PaymentStatus
from app.domain.payments import (
    FIRST_LOOK,
    UNSETTLED,
    ChargeState,
    GatewayName,
    Payment,
    PaymentFilter,
    PaymentSort,
)
from app.models import Bookings, Payments
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(Payments, Payment)
INSTANT: Final = DateTime(timezone=True)
ID: Final = bindparam("id", type_=Uuid)
AMOUNT: Final = bindparam("amount", type_=BigInteger)
NOW: Final = bindparam("now", type_=INSTANT)
CHANGING: Final = (
    *("state", "captured_amount", "reference", "client_secret", "redirect_url"),
    *("failure_code", "paid_at", "authorized_at", "updated_at"),
)


def lasting(time: timedelta) -> ColumnElement[timedelta]:
    """Return it as SQL."""
    return literal_column(f"interval '{time.total_seconds():.0f} seconds'", Interval)


ADD: Final = Command(
    insert(Payments).values(parameters(Payments, Payment)).inline(),
    violations={  # seen to be used next time
        "uq_payments_request": Contention,
        "uq_payments_fee": Contention,
    },
)
BY_ID: Final = Query(select(*COLUMNS).where(Payments.id == ID), Payment)
LOCKED: Final = Query(select(*COLUMNS).where(Payments.id == ID).with_for_update(), Payment)
BY_REFERENCE: Final = Query(
    select(*COLUMNS).where(
        Payments.gateway == bindparam("gateway"), Payments.reference == bindparam("reference")
    ),
    Payment,
)
BY_REQUEST: Final = Query(
    select(*COLUMNS).where(
        Payments.user_id == bindparam("user_id"), Payments.request_key == bindparam("request_key")
    ),
    Payment,
)
OF_BOOKING: Final = Query(
    select(*COLUMNS)
    .where(Payments.booking_id == bindparam("booking_id"))
    .order_by(Payments.created_at, Payments.id)
    .with_for_update(),
    Payment,
)
SHARES: Final = Query(
    select(*COLUMNS)
    .where(Payments.group_id == bindparam("group_id"))
    .order_by(Payments.created_at, Payments.id)
    .with_for_update(),
    Payment,
)
PARTS: Final = Payments.__table__.alias("parts")
SUM_UP: Final = Command(
    update(Payments)
    .where(Payments.id == ID)
    .values(
        {
            name: select(cast(func.sum(PARTS.c[name]), BigInteger))
            .where(PARTS.c.group_id == Payments.id)
            .correlate(Payments)
            .scalar_subquery()
            for name in ("refunded_amount", "disputed_amount")
        }
    )
)
# What is paid from now on is looked after, unless nobody else can give it back.
LOOK_AT: Final = case(
    (
        and_(
            Payments.paid_at.is_(None),
            Payments.group_id.is_(None),  # its gateway knows the whole alone
            Payments.gateway != GatewayName.WALLET,
            Payments.gateway != GatewayName.CASH,
        ),
        bindparam("paid_at", type_=INSTANT) + lasting(FIRST_LOOK),
    ),
    else_=Payments.look_at,
)
CHANGE: Final = Command(
    update(Payments)
    .where(Payments.id == ID)
    .values(
        {name: bindparam(name, type_=Payments.__table__.c[name].type) for name in CHANGING}
        | {"look_at": LOOK_AT}
    )
)


def _reserving(held: Any) -> Query[Payment]:
    """Ask and count in one: of two who would give back more than is left, one finds no row."""
    taken = (
        update(Payments)
        .where(
            Payments.id == ID, Payments.refunded_amount + held + AMOUNT <= Payments.captured_amount
        )
        .values(refunded_amount=Payments.refunded_amount + AMOUNT, updated_at=NOW)
        .returning(*COLUMNS)
        .cte("taken")
    )
    return Query(select(*taken.c), Payment)


RESERVE: Final = _reserving(Payments.disputed_amount)
RESERVE_GIVEN: Final = _reserving(0)
DISPUTED: Final = Command(
    update(Payments)
    .where(Payments.id == ID)
    .values(disputed_amount=Payments.disputed_amount + AMOUNT, updated_at=NOW)
)
GIVE_UP: Final = Command(
    update(Payments)
    .where(Payments.id == ID)
    .values(refunded_amount=Payments.refunded_amount - AMOUNT, updated_at=NOW)
)
# The longer nothing is heard of one, the less often it is asked about; but what is kept for us may
# have to be taken, or let go. What is locked is being changed: it is heard of.
PAUSE: Final = func.least(
    literal_column("(payments.updated_at - payments.created_at) / 4", Interval),
    case(
        (Payments.state == ChargeState.AUTHORIZED, literal_column("interval '1 hour'", Interval)),
        else_=literal_column("interval '6 hours'", Interval),
    ),
)
SOME: Final = (
    select(Payments.id)
    .where(
        or_(*(Payments.state == state for state in UNSETTLED)),
        Payments.group_id.is_(None),
        Payments.updated_at <= bindparam("before", type_=INSTANT),
        Payments.updated_at + PAUSE <= NOW,
    )
    .order_by(Payments.updated_at)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)
    .cte("some")
)
CLAIMED: Final = (
    update(Payments)
    .where(Payments.id == SOME.c.id)
    .values(updated_at=NOW)
    .returning(Payments.id)
    .cte("claimed")
)
STALE: Final = Query(select(CLAIMED.c.id), lambda id_: id_)
IS_PAID: Final = Query(
    select(
        exists().where(
            Payments.booking_id == bindparam("booking_id", type_=Uuid),
            Payments.captured_amount > 0,
        )
    ),
    bool,
)
PAID_FOR: Final = Command(
    update(Bookings)
    .where(Bookings.id == bindparam("booking_id", type_=Uuid))
    .values(
        {
            name: bindparam(name, type_=Bookings.__table__.c[name].type)
            for name in ("payment_status", "paid_amount", "refunded_amount")
        }
    )
)
MATCHING: Final = Listing(
    Payments,
    Payment,
    filters={
        "booking_id": Payments.booking_id == bindparam("booking_id"),
        "user_id": Payments.user_id == bindparam("user_id"),
        "group_id": Payments.group_id == bindparam("group_id"),
        "whole": Payments.group_id.is_(None) == bindparam("whole", type_=Boolean),
        "gateway": Payments.gateway == bindparam("gateway"),
    },
    sorts={"created_at": Payments.created_at},
)


class PaymentRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, payment: Payment) -> None:
        await self.connection.run(ADD, **values(payment))

    async def get(self, payment_id: UUID) -> Payment | None:
        return await self.connection.first(BY_ID, id=payment_id)

    async def lock(self, payment_id: UUID) -> Payment | None:
        """Return it locked until the transaction ends; its booking must be locked before."""
        return await self.connection.first(LOCKED, id=payment_id)

    async def with_reference(self, gateway: GatewayName, reference: str) -> Payment | None:
        return await self.connection.first(BY_REFERENCE, gateway=gateway, reference=reference)

    async def asked_with(self, user_id: UUID, request_key: str) -> Payment | None:
        """Return what the same request made before."""
        return await self.connection.first(BY_REQUEST, user_id=user_id, request_key=request_key)

    async def of_booking(self, booking_id: UUID) -> list[Payment]:
        """Return all payments of a booking, locked, the oldest first."""
        return await self.connection.all(OF_BOOKING, booking_id=booking_id)

    async def shares(self, group_id: UUID) -> list[Payment]:
        """Return the shares of a payment for several bookings, locked, each after its booking."""
        return await self.connection.all(SHARES, group_id=group_id)

    async def sum_up(self, group_id: UUID) -> None:
        """Count at a payment for several bookings what was given back, and taken, of its shares.

        They are added up once nobody else can be doing so.
        """
        await self.lock(group_id)
        await self.connection.run(SUM_UP, id=group_id)

    async def change(self, payment: Payment) -> None:
        """Write how far it has come."""
        written: dict[str, Any] = {name: getattr(payment, name) for name in CHANGING}
        await self.connection.run(CHANGE, id=payment.id, **written)

    async def reserve(self, payment_id: UUID, amount: int, *, now: datetime) -> Payment | None:
        """Count an amount as given back; return None when that is not left of it."""
        return await self.connection.first(RESERVE, id=payment_id, amount=amount, now=now)

    async def reserve_given(
        self, payment_id: UUID, amount: int, *, now: datetime
    ) -> Payment | None:
        """As `reserve`, of what its gateway gave back already, whatever a bank has taken, too."""
        return await self.connection.first(RESERVE_GIVEN, id=payment_id, amount=amount, now=now)

    async def dispute(self, payment_id: UUID, amount: int, *, now: datetime) -> None:
        """Count an amount as taken by a bank; one under zero as given back by it."""
        await self.connection.run(DISPUTED, id=payment_id, amount=amount, now=now)

    async def give_up(self, payment_id: UUID, amount: int, *, now: datetime) -> None:
        """Count an amount as given back no longer."""
        await self.connection.run(GIVE_UP, id=payment_id, amount=amount, now=now)

    async def stale(self, *, before: datetime, most: int, now: datetime) -> list[UUID]:
        """Return some payments under way that were not heard of since `before`, and not again.

        An old one is returned again after a quarter of its age, or after six hours; one whose money
        is kept for us after an hour.
        """
        return await self.connection.all(STALE, before=before, most=most, now=now)

    async def is_any_paid(self, booking_id: UUID) -> bool:
        """Tell whether money was ever taken for a booking. Takes no lock."""
        return await self.connection.first(IS_PAID, booking_id=booking_id) or False

    async def paid_for(
        self, booking_id: UUID, status: PaymentStatus, *, paid: int, refunded: int
    ) -> None:
        """Write how far a booking is paid. It must be locked."""
        await self.connection.run(
            PAID_FOR,
            booking_id=booking_id,
            payment_status=status,
            paid_amount=paid,
            refunded_amount=refunded,
        )

    async def matching(
        self, wanted: PaymentFilter, request: PageRequest[PaymentSort]
    ) -> Page[Payment]:
        return await MATCHING.page(self.connection, wanted, request)
