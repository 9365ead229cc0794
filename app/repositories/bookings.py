"""Every statement about bookings."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Text,
    bindparam,
    case,
    exists,
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
    NamedBooking,
)
from app.domain.idempotency import Kept
from app.models import Bookings, Providers
from app.repositories.base import Listing, columns, parameters, values
from app.repositories.booking_changes import HAS_LAPSED, HOURS, noted
from app.repositories.idempotency import IS_KEY_FREE, USED, keeping
from app.repositories.jobs import enqueue_if, job
from app.repositories.names import customer_name

COLUMNS: Final = columns(Bookings, Booking)
NAMED: Final = [*COLUMNS, customer_name(Bookings.customer_id)]
INSTANT: Final = DateTime(timezone=True)
HOLDS: Final = 0x686F6C64  # the class of advisory locks that count one customer's holds

BY_ID: Final = Query(select(*NAMED).where(Bookings.id == bindparam("id")), NamedBooking)
LOCKED: Final = Query(
    select(*NAMED).where(Bookings.id == bindparam("id")).with_for_update(), NamedBooking
)

# Two who want the same time at once: with DO NOTHING one gets no row; a bare INSERT deadlocks.
# One statement makes the booking and announces it, or does neither.
#
BOOKING: Final = parameters(Bookings, Booking)
ROW: Final = select(*BOOKING.values()).select_from(HOURS)
INSERT: Final = insert(Bookings).from_select(list(BOOKING), ROW)
INSERT_KEYED: Final = insert(Bookings).from_select(list(BOOKING), ROW.where(IS_KEY_FREE))
NOT_OVERLAPPING: Final = "no_overlapping_appointments"


def adding(booking: Insert, *, keeps: bool = False) -> Command:
    """Return what inserts a booking, notes that it was made, and announces it.

    If it `keeps`, the request and its answer too.
    """
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
    if keeps:
        return Command(enqueue_if(added).add_cte(note, keeping(added)), violations=USED)
    return Command(enqueue_if(added).add_cte(note))


ADD: Final = adding(INSERT.on_conflict_do_nothing(constraint=NOT_OVERLAPPING))
ADD_KEYED: Final = adding(
    INSERT_KEYED.on_conflict_do_nothing(constraint=NOT_OVERLAPPING), keeps=True
)
# What else but a booking may have been in the way.
IN_THE_WAY: Final = exists().where(
    Bookings.provider_id == Providers.id,
    HAS_LAPSED,
    Bookings.blocked.op("&&")(
        func.tstzrange(bindparam("since", type_=INSTANT), bindparam("until", type_=INSTANT))
    ),
)
OBSTACLES: Final = Query(
    select(Providers.hours_version, IN_THE_WAY.label("has_lapsed")).where(
        Providers.id == bindparam("provider_id")
    ),
    lambda version, has_lapsed: (version, has_lapsed),
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
FILTERS: Final[dict[str, ColumnElement[bool]]] = {
    "status": bindparam("status", type_=Text) == SHOWN_STATUS,
    "kind": Bookings.kind == bindparam("kind"),
    "starts_from": Bookings.starts_at >= bindparam("starts_from"),
    "starts_before": Bookings.starts_at < bindparam("starts_before"),
    "service_id": Bookings.service_id == bindparam("service_id"),
    "event_id": Bookings.event_id == bindparam("event_id"),
    "customer_id": Bookings.customer_id == bindparam("customer_id"),
    "provider_id": Bookings.provider_id == bindparam("provider_id"),
    "organizer_id": Bookings.organizer_id == bindparam("organizer_id"),
}
SORTS: Final = {"starts_at": Bookings.starts_at, "created_at": Bookings.created_at}
MATCHING: Final = Listing(Bookings, Booking, filters=FILTERS, sorts=SORTS)
NAMED_MATCHING: Final = Listing(Bookings, NamedBooking, shown=NAMED, filters=FILTERS, sorts=SORTS)


class BookingRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, booking_id: UUID) -> NamedBooking | None:
        return await self.connection.first(BY_ID, id=booking_id)

    async def lock(self, booking_id: UUID) -> NamedBooking | None:
        """Return it locked until the transaction ends."""
        return await self.connection.first(LOCKED, id=booking_id)

    async def add(
        self,
        booking: Booking,
        *,
        hours_version: int,
        announcing: Message,
        kept: Kept | None = None,
    ) -> bool:
        """Insert and announce it; keep the request that asked for it and its answer beside it.

        Return False when its time is taken, when the provider's hours have changed since, or when
        another request with the same key was made or is running.
        """
        added = await self.connection.run(
            ADD_KEYED if kept else ADD,
            **values(booking),
            **job(announcing),
            **(values(kept) if kept else {}),
            hours_version=hours_version,
            change_id=new_id(),
        )
        return added == 1

    async def obstacles(self, booking: Booking) -> tuple[int, bool]:
        """Return the version of its provider's hours, and whether a lapsed hold is in its way."""
        found = await self.connection.first(
            OBSTACLES,
            provider_id=booking.provider_id,
            since=booking.blocked_from,
            until=booking.blocked_until,
            now=booking.updated_at,
        )
        return found or (-1, False)

    async def lock_holds(self, customer_id: UUID) -> None:
        """Let one request at a time count this customer's holds, until the transaction ends."""
        await self.connection.first(LOCK_HOLDS, customer=str(customer_id))

    async def count_holds(self, customer_id: UUID, *, now: datetime) -> int:
        return await self.connection.first(COUNT_HOLDS, customer_id=customer_id, now=now) or 0

    async def matching(
        self, wanted: BookingFilter, request: PageRequest[BookingSort], *, now: datetime
    ) -> Page[Booking]:
        return await MATCHING.page(self.connection, wanted, request, now=now)

    async def named(
        self, wanted: BookingFilter, request: PageRequest[BookingSort], *, now: datetime
    ) -> Page[NamedBooking]:
        """Return the same as `matching`, in one statement too, with the customers' names."""
        return await NAMED_MATCHING.page(self.connection, wanted, request, now=now)
