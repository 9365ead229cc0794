"""Every statement about bookings."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Text,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.messages import Message
from app.core.statements import Command, Query
from app.domain.booking_changes import ChangeKind
from app.domain.bookings import (
    Booking,
    BookingFilter,
    BookingSort,
    BookingStatus,
)
from app.models import Bookings, Providers
from app.repositories.base import Listing, columns, parameters, values
from app.repositories.booking_changes import HAS_LAPSED, HOURS, noted
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
#
BOOKING: Final = parameters(Bookings, Booking)
INSERT: Final = insert(Bookings).from_select(
    list(BOOKING), select(*BOOKING.values()).select_from(HOURS)
)


def adding(booking: Insert) -> Command:
    """Return what inserts a booking, notes that it was made, and announces it."""
    added = booking.returning(
        Bookings.id, Bookings.created_at, Bookings.status, Bookings.customer_id
    ).cte("added")
    note = noted(
        added,
        ChangeKind.BOOKED,
        at=added.c.created_at,
        actor=added.c.customer_id,
        reason=None,
    )
    return Command(enqueue_if(added).add_cte(note))


ADD: Final = adding(INSERT.on_conflict_do_nothing(constraint="no_overlapping_appointments"))
HOURS_VERSION: Final = Query(
    select(Providers.hours_version).where(Providers.id == bindparam("provider_id")), int
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

    async def add(self, booking: Booking, *, hours_version: int, announcing: Message) -> bool:
        """Insert and announce it.

        Return False when its time is taken, or when the provider's hours have changed since.
        """
        added = await self.connection.run(
            ADD,
            **values(booking),
            **job(announcing),
            hours_version=hours_version,
            change_id=new_id(),
        )
        return added == 1

    async def hours_version(self, provider_id: UUID) -> int | None:
        return await self.connection.first(HOURS_VERSION, provider_id=provider_id)

    async def lock_holds(self, customer_id: UUID) -> None:
        """Let one request at a time count this customer's holds, until the transaction ends."""
        await self.connection.first(LOCK_HOLDS, customer=str(customer_id))

    async def count_holds(self, customer_id: UUID, *, now: datetime) -> int:
        return await self.connection.first(COUNT_HOLDS, customer_id=customer_id, now=now) or 0

    async def matching(
        self, wanted: BookingFilter, request: PageRequest[BookingSort], *, now: datetime
    ) -> Page[Booking]:
        return await MATCHING.page(self.connection, wanted, request, now=now)
