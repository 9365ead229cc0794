"""Every statement about bookings."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.messages import Message
from app.core.statements import Command, Query
from app.domain.bookings import Booking, BookingFilter, BookingSort, BookingStatus, sources
from app.models import Bookings
from app.repositories.base import Listing, columns, parameters, values
from app.repositories.jobs import enqueue_if, job

COLUMNS: Final = columns(Bookings, Booking)
INSTANT: Final = DateTime(timezone=True)
HOLDS: Final = 0x686F6C64  # the class of advisory locks that count one customer's holds

BY_ID: Final = Query(select(*COLUMNS).where(Bookings.id == bindparam("id")), Booking)
LOCKED: Final = Query(
    select(*COLUMNS).where(Bookings.id == bindparam("id")).with_for_update(), Booking
)

# Two who want the same time at once: with DO NOTHING one gets no row; a bare INSERT deadlocks.
# One statement makes the booking and announces it, or does neither.
ADDED: Final = (
    insert(Bookings)
    .values(parameters(Bookings, Booking))
    .on_conflict_do_nothing(constraint="no_overlapping_appointments")
    .returning(Bookings.id)
    .cte("added")
)
ADD: Final = Command(enqueue_if(ADDED))

HAS_LAPSED: Final = and_(
    Bookings.status == BookingStatus.PENDING, Bookings.hold_expires_at <= bindparam("now")
)
EXPIRE_LAPSED: Final = Command(
    update(Bookings)
    .where(
        Bookings.provider_id == bindparam("provider_id"),
        HAS_LAPSED,
        Bookings.blocked.op("&&")(
            func.tstzrange(bindparam("since", type_=INSTANT), bindparam("until", type_=INSTANT))
        ),
    )
    .values(status=BookingStatus.EXPIRED, updated_at=bindparam("now"))
)
LAPSED: Final = (
    select(Bookings.id)
    .where(HAS_LAPSED)
    .order_by(Bookings.id)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)  # somebody is paying for it, or expiring it
    .cte("lapsed")
)
EXPIRE_HOLDS: Final = Command(
    update(Bookings)
    .where(Bookings.id == LAPSED.c.id)
    .values(status=BookingStatus.EXPIRED, updated_at=bindparam("now"))
)

MOVE: Final = Query(
    update(Bookings)
    .where(
        Bookings.id == bindparam("booking_id"),
        Bookings.status == any_(bindparam("sources", type_=ARRAY(Bookings.status.type))),
    )
    .values(status=bindparam("target"), updated_at=bindparam("now"))
    .returning(*COLUMNS),
    Booking,
)
CANCEL: Final = Query(
    update(Bookings)
    .where(
        Bookings.id == bindparam("booking_id"),
        Bookings.status == any_(bindparam("sources", type_=ARRAY(Bookings.status.type))),
    )
    .values(
        status=BookingStatus.CANCELLED,
        cancelled_at=bindparam("now"),
        cancelled_by=bindparam("actor_id", type_=Bookings.cancelled_by.type),
        cancel_reason=bindparam("reason", type_=Bookings.cancel_reason.type),
        updated_at=bindparam("now"),
    )
    .returning(*COLUMNS),
    Booking,
)

LOCK_HOLDS: Final = Query(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(bindparam("customer", type_=Text), HOLDS), type_=Text
        )
    ),
    str,
)
COUNT_HOLDS: Final = Query(
    select(func.count(type_=BigInteger)).where(
        Bookings.customer_id == bindparam("customer_id"),
        Bookings.status == BookingStatus.PENDING,
        Bookings.hold_expires_at > bindparam("now"),
    ),
    int,
)

# A hold whose time has passed is expired, whether or not anybody has written it down yet.
SHOWN_STATUS: Final = case(
    (HAS_LAPSED, BookingStatus.EXPIRED.value), else_=Bookings.status.cast(Text)
)
MATCHING: Final = Listing(
    Bookings,
    Booking,
    filters={
        "status": bindparam("status", type_=Text) == SHOWN_STATUS,
        "kind": Bookings.kind == bindparam("kind"),
        "starts_from": Bookings.starts_at >= bindparam("starts_from"),
        "starts_before": Bookings.starts_at < bindparam("starts_before"),
        "service_id": Bookings.service_id == bindparam("service_id"),
        "event_id": Bookings.event_id == bindparam("event_id"),
        "customer_id": Bookings.customer_id == bindparam("customer_id"),
        "provider_id": Bookings.provider_id == bindparam("provider_id"),
        "organizer_id": Bookings.organizer_id == bindparam("organizer_id"),
    },
    sorts={"starts_at": Bookings.starts_at, "created_at": Bookings.created_at},
)


class BookingRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, booking_id: UUID) -> Booking | None:
        return await self.connection.first(BY_ID, id=booking_id)

    async def lock(self, booking_id: UUID) -> Booking | None:
        """Return it locked until the transaction ends."""
        return await self.connection.first(LOCKED, id=booking_id)

    async def add(self, booking: Booking, *, announcing: Message) -> bool:
        """Insert and announce it; return False when its time is taken."""
        return await self.connection.run(ADD, **values(booking), **job(announcing)) == 1

    async def expire_lapsed(self, booking: Booking) -> bool:
        """Expire the lapsed holds in the way of `booking`; return whether there were any."""
        expired = await self.connection.run(
            EXPIRE_LAPSED,
            provider_id=booking.provider_id,
            since=booking.blocked_from,
            until=booking.blocked_until,
            now=booking.created_at,
        )
        return expired > 0

    async def expire_holds(self, *, now: datetime, most: int) -> int:
        """Expire up to `most` holds that have lapsed; return how many."""
        return await self.connection.run(EXPIRE_HOLDS, now=now, most=most)

    async def lock_holds(self, customer_id: UUID) -> None:
        """Let one request at a time count this customer's holds, until the transaction ends."""
        await self.connection.first(LOCK_HOLDS, customer=str(customer_id))

    async def count_holds(self, customer_id: UUID, *, now: datetime) -> int:
        return await self.connection.first(COUNT_HOLDS, customer_id=customer_id, now=now) or 0

    async def move(
        self, booking_id: UUID, target: BookingStatus, *, now: datetime
    ) -> Booking | None:
        """Change its state; return None when no legal move leads from where it is now."""
        return await self.connection.first(
            MOVE, booking_id=booking_id, sources=sources(target), target=target, now=now
        )

    async def cancel(
        self, booking_id: UUID, *, actor_id: UUID, reason: str | None, now: datetime
    ) -> Booking | None:
        """Cancel it; return None when it can't be any more."""
        return await self.connection.first(
            CANCEL,
            booking_id=booking_id,
            sources=sources(BookingStatus.CANCELLED),
            actor_id=actor_id,
            reason=reason,
            now=now,
        )

    async def matching(
        self, wanted: BookingFilter, request: PageRequest[BookingSort], *, now: datetime
    ) -> Page[Booking]:
        return await MATCHING.page(self.connection, wanted, request, now=now)
