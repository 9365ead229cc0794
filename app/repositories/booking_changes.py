"""Every statement that changes a booking; each notes who did what, when and why."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    String,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from app.core.database import Connection
from app.core.errors import Contention
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.booking_changes import BookingChange, ChangeFilter, ChangeKind, ChangeSort
from app.domain.bookings import Booking, BookingExpired, BookingStatus, NamedBooking, sources
from app.domain.offerings import PaymentTerms
from app.models import BookingChanges, Bookings, Offerings, Providers
from app.repositories.base import Listing, columns
from app.repositories.jobs import enqueued
from app.repositories.names import customer_name

COLUMNS: Final = columns(Bookings, Booking)
INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
ACTOR: Final = bindparam("actor_id", type_=Uuid)
REASON: Final = bindparam("reason", type_=String)
CHANGE: Final = bindparam("change_id", type_=Uuid)
NOTE: Final = [
    *("id", "booking_id", "created_at", "kind", "status", "actor_id", "reason"),
    *("moved_from", "moved_to"),
]

# The provider's hours are still those a time was decided by: whoever changes them waits for this
# transaction, and then sees the booking; or was first, and then there is no row here. The lock is
# the one the foreign key would take, and a little more.
HOURS: Final = (
    select(Providers.id)
    .where(
        Providers.id == bindparam("provider_id", type_=Uuid),
        Providers.hours_version == bindparam("hours_version", type_=Integer),
    )
    .with_for_update(read=True)
    .cte("hours")
)


def noted(
    changed: CTE,
    kind: ChangeKind,
    *,
    id_: ColumnElement[UUID] = CHANGE,
    at: ColumnElement[datetime] = NOW,
    actor: Any = ACTOR,
    reason: Any = REASON,
    moved: tuple[Any, Any] = (None, None),
) -> CTE:
    """Return what notes a change of each booking that the CTE returns: with `id` and `status`."""
    moved_from, moved_to = (null() if at is None else at for at in moved)
    note = select(
        id_,
        changed.c.id,
        at,
        literal(kind.value),
        changed.c.status,
        null() if actor is None else actor,
        null() if reason is None else reason,
        moved_from,
        moved_to,
    )
    return insert(BookingChanges).from_select(NOTE, note).cte("noted")


def _moving(kind: ChangeKind, target: BookingStatus, **more: Any) -> Query[NamedBooking]:
    """Move a booking to a state, from one that leads there; no row if it is in another."""
    moved = (
        update(Bookings)
        .where(
            Bookings.id == bindparam("booking_id", type_=Uuid),
            Bookings.status == any_(bindparam("sources", type_=ARRAY(Bookings.status.type))),
        )
        .values(status=target, updated_at=NOW, sequence=Bookings.sequence + 1, **more)
        .returning(*COLUMNS)
        .cte("moved")
    )
    named = select(*moved.c, customer_name(moved.c.customer_id))
    return Query(named.add_cte(noted(moved, kind)), NamedBooking)


FEE: Final = bindparam("late_fee_amount", type_=BigInteger)
MISSED: Final = bindparam("missed_fee_amount", type_=BigInteger)
MOVES: Final = {
    BookingStatus.CONFIRMED: _moving(
        ChangeKind.CONFIRMED, BookingStatus.CONFIRMED, hold_expires_at=None
    ),
    BookingStatus.DECLINED: _moving(
        ChangeKind.DECLINED, BookingStatus.DECLINED, cancel_reason=REASON
    ),
    BookingStatus.COMPLETED: _moving(ChangeKind.COMPLETED, BookingStatus.COMPLETED),
    BookingStatus.NO_SHOW: _moving(
        ChangeKind.NO_SHOW, BookingStatus.NO_SHOW, late_fee_amount=FEE, missed_fee_amount=MISSED
    ),
    BookingStatus.CANCELLED: _moving(
        ChangeKind.CANCELLED,
        BookingStatus.CANCELLED,
        cancelled_at=NOW,
        cancelled_by=ACTOR,
        cancel_reason=REASON,
        late_fee_amount=FEE,
    ),
}

# A request that was granted and has to be prepaid goes on waiting, for the payment. That it was
# granted stands in its history and nowhere else.
ACCEPT: Final = _moving(
    ChangeKind.CONFIRMED,
    BookingStatus.PENDING,
    hold_expires_at=bindparam("hold_expires_at", type_=INSTANT),
)
GRANTED: Final = exists().where(
    BookingChanges.booking_id == Bookings.id, BookingChanges.kind == ChangeKind.CONFIRMED
)
WAITING: Final = Query(
    select(
        case(
            (Bookings.deposit_rest.is_not(None), PaymentTerms.PREPAID.value),
            else_=Offerings.payment.cast(Text),
        ),
        and_(Offerings.approval_required, ~GRANTED).label("is_request"),
    ).where(
        Bookings.id == bindparam("booking_id", type_=Uuid), Offerings.id == Bookings.service_id
    ),
    lambda payment, is_request: (PaymentTerms(payment), is_request),
)

# Its own old time is not in its way: a row is never compared with itself.
RESCHEDULED: Final = (
    update(Bookings)
    .where(
        Bookings.id == bindparam("booking_id", type_=Uuid),
        Bookings.status == bindparam("status"),
        HOURS.c.id == bindparam("provider_id", type_=Uuid),
    )
    .values(
        {
            name: bindparam(name, type_=getattr(Bookings, name).type)
            for name in (
                *("provider_id", "timezone", "starts_at", "starts_local", "ends_at"),
                *("blocked_from", "blocked_until", "hold_expires_at"),
            )
        }
        | {"updated_at": NOW, "sequence": Bookings.sequence + 1}
    )
    .returning(*COLUMNS)
    .cte("rescheduled")
)
RESCHEDULE: Final = Query(
    select(*RESCHEDULED.c, customer_name(RESCHEDULED.c.customer_id)).add_cte(
        noted(
            RESCHEDULED,
            ChangeKind.RESCHEDULED,
            moved=(bindparam("moved_from", type_=INSTANT), RESCHEDULED.c.starts_at),
        )
    ),
    NamedBooking,
    violations={"no_overlapping_appointments": Contention},  # seen to be taken next time
)

REDUCED: Final = (
    update(Bookings)
    .where(
        Bookings.id == bindparam("booking_id", type_=Uuid),
        Bookings.status == bindparam("status"),
    )
    .values(
        {
            name: bindparam(name, type_=getattr(Bookings, name).type)
            for name in ("seats", "items", "price_amount", "discount_amount", "late_fee_amount")
        }
        | {"updated_at": NOW, "sequence": Bookings.sequence + 1}
    )
    .returning(*COLUMNS)
    .cte("reduced")
)
REDUCE: Final = Query(
    select(*REDUCED.c, customer_name(REDUCED.c.customer_id)).add_cte(
        noted(REDUCED, ChangeKind.REDUCED)
    ),
    NamedBooking,
)

HAS_LAPSED: Final = and_(Bookings.status == BookingStatus.PENDING, Bookings.hold_expires_at <= NOW)


def _by_itself(kind: ChangeKind, target: BookingStatus, *conditions: Any) -> Command:
    """Move every booking that meets the conditions, noted as nobody's doing.

    The ids of the notes are made by the database, and say nothing about their order.
    """
    moved = (
        update(Bookings)
        .where(*conditions)
        .values(status=target, updated_at=NOW, sequence=Bookings.sequence + 1)
        .returning(Bookings.id, Bookings.status)
        .cte("moved")
    )
    note = noted(moved, kind, id_=func.gen_random_uuid(), actor=None, reason=None)
    statement = note.element
    assert isinstance(statement, Insert)
    told = [enqueued(moved, BookingExpired)] if kind is ChangeKind.EXPIRED else []
    return Command(statement.add_cte(*told))


def _some(*conditions: Any, by: Any) -> CTE:
    """Return the ids of a batch; what somebody is changing now is left for the next time."""
    return (
        select(Bookings.id)
        .where(*conditions)
        .order_by(by)
        .limit(bindparam("most", type_=BigInteger))
        .with_for_update(skip_locked=True)
        .cte("some")
    )


EXPIRE_LAPSED: Final = _by_itself(
    ChangeKind.EXPIRED,
    BookingStatus.EXPIRED,
    Bookings.provider_id == bindparam("provider_id"),
    HAS_LAPSED,
    Bookings.blocked.op("&&")(
        func.tstzrange(bindparam("since", type_=INSTANT), bindparam("until", type_=INSTANT))
    ),
)
LAPSED: Final = _some(HAS_LAPSED, Bookings.event_id.is_(None), by=Bookings.id)
EXPIRE_HOLDS: Final = _by_itself(
    ChangeKind.EXPIRED, BookingStatus.EXPIRED, Bookings.id == LAPSED.c.id
)
OVER: Final = _some(
    Bookings.status == BookingStatus.CONFIRMED,
    Bookings.ends_at <= bindparam("ended", type_=INSTANT),
    by=Bookings.ends_at,
)
COMPLETE_OVER: Final = _by_itself(
    ChangeKind.COMPLETED, BookingStatus.COMPLETED, Bookings.id == OVER.c.id
)

HISTORY: Final = Listing(
    BookingChanges,
    BookingChange,
    filters={"booking_id": BookingChanges.booking_id == bindparam("booking_id")},
    sorts={"created_at": BookingChanges.created_at},
)


class BookingChangeRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def move(
        self,
        booking_id: UUID,
        target: BookingStatus,
        *,
        actor_id: UUID | None,
        reason: str | None,
        now: datetime,
        late_fee_amount: int = 0,
        missed_fee_amount: int = 0,
    ) -> NamedBooking | None:
        """Change its state; return None when no legal move leads there from where it is now."""
        query = MOVES[target]
        given: dict[str, Any] = {
            "booking_id": booking_id,
            "sources": sources(target),
            "actor_id": actor_id,
            "reason": reason,
            "now": now,
            "change_id": new_id(),
            "late_fee_amount": late_fee_amount,
            "missed_fee_amount": missed_fee_amount,
        }
        return await self.connection.first(
            query, **{name: value for name, value in given.items() if name in query.parameters}
        )

    async def waiting(self, booking_id: UUID) -> tuple[PaymentTerms, bool] | None:
        """Return how an appointment's service is paid, and whether it is a request not granted."""
        return await self.connection.first(WAITING, booking_id=booking_id)

    async def accept(
        self, booking_id: UUID, *, actor_id: UUID, hold_expires_at: datetime, now: datetime
    ) -> NamedBooking | None:
        """Grant a request that then waits for its payment; return None if it is pending no more."""
        return await self.connection.first(
            ACCEPT,
            booking_id=booking_id,
            sources=[BookingStatus.PENDING],
            actor_id=actor_id,
            reason=None,
            now=now,
            change_id=new_id(),
            hold_expires_at=hold_expires_at,
        )

    async def reschedule(
        self,
        booking: Booking,
        wanted: Booking,
        *,
        change_id: UUID,
        actor_id: UUID,
        hours_version: int,
        now: datetime,
    ) -> NamedBooking | None:
        """Move it to the time of `wanted`; a Contention if that was taken in this very moment.

        Return None when its state, or the provider's hours, have changed since.
        """
        return await self.connection.first(
            RESCHEDULE,
            booking_id=booking.id,
            status=booking.status,
            provider_id=wanted.provider_id,
            timezone=wanted.timezone,
            starts_at=wanted.starts_at,
            starts_local=wanted.starts_local,
            ends_at=wanted.ends_at,
            blocked_from=wanted.blocked_from,
            blocked_until=wanted.blocked_until,
            hold_expires_at=wanted.hold_expires_at,
            hours_version=hours_version,
            moved_from=booking.starts_at,
            actor_id=actor_id,
            reason=None,
            change_id=change_id,
            now=now,
        )

    async def reduce(
        self, left: Booking, *, actor_id: UUID, reason: str | None
    ) -> NamedBooking | None:
        """Write its seats, items, price and late fee; return None when its state has changed."""
        return await self.connection.first(
            REDUCE,
            booking_id=left.id,
            status=left.status,
            seats=left.seats,
            items=left.items,
            price_amount=left.price_amount,
            discount_amount=left.discount_amount,
            late_fee_amount=left.late_fee_amount,
            actor_id=actor_id,
            reason=reason,
            change_id=new_id(),
            now=left.updated_at,
        )

    async def expire_lapsed(self, booking: Booking) -> bool:
        """Expire the lapsed holds in the way of `booking`; return whether there were any."""
        expired = await self.connection.run(
            EXPIRE_LAPSED,
            provider_id=booking.provider_id,
            since=booking.blocked_from,
            until=booking.blocked_until,
            now=booking.updated_at,
        )
        return expired > 0

    async def expire_holds(self, *, now: datetime, most: int) -> int:
        """Expire up to `most` appointments whose holds have lapsed; return how many."""
        return await self.connection.run(EXPIRE_HOLDS, now=now, most=most)

    async def complete_over(self, *, ended: datetime, now: datetime, most: int) -> int:
        """Complete up to `most` confirmed bookings that ended by then; return how many."""
        return await self.connection.run(COMPLETE_OVER, ended=ended, now=now, most=most)

    async def history(
        self, booking_id: UUID, request: PageRequest[ChangeSort]
    ) -> Page[BookingChange]:
        return await HISTORY.page(self.connection, ChangeFilter(booking_id), request)
