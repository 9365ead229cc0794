"""Taking again what a booking held until it lapsed, for somebody whose money came late."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    DateTime,
    Uuid,
    bindparam,
    exists,
    insert,
    literal,
    or_,
    select,
    update,
)

from app.core.database import Connection
from app.core.errors import Contention
from app.core.ids import new_id
from app.core.statements import Query
from app.domain.booking_changes import ChangeKind
from app.domain.booking_items import items_of
from app.domain.bookings import ACTIVE, Booking, BookingStatus
from app.domain.tickets import TicketStatus
from app.models import Bookings, EventCapacity, Providers, Tickets, TicketTypes
from app.repositories.base import columns
from app.repositories.booking_changes import noted
from app.repositories.event_bookings import HAS_ROOM, NOBODY_WAITS, SOLD, TICKETS, TYPE_IS_FULL

COLUMNS: Final = columns(Bookings, Booking)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
BOOKING_ID: Final = bindparam("booking_id", type_=Uuid)

# Whoever books a provider's time asks for this row too, and waits.
LOCK_PROVIDER: Final = Query(
    select(Providers.id)
    .where(Providers.id == bindparam("provider_id", type_=Uuid))
    .with_for_update(),
    lambda id_: id_,
)
OTHERS: Final = Bookings.__table__.alias("others")
IS_TAKEN: Final = exists().where(
    OTHERS.c.provider_id == Bookings.provider_id,
    or_(*(OTHERS.c.status == status for status in ACTIVE)),
    OTHERS.c.blocked.op("&&")(Bookings.blocked),
)


def _confirmed(*conditions: Any) -> CTE:
    return (
        update(Bookings)
        .where(
            Bookings.id == BOOKING_ID,
            Bookings.status == BookingStatus.EXPIRED,
            Bookings.starts_at > NOW,
            *conditions,
        )
        .values(
            status=BookingStatus.CONFIRMED,
            hold_expires_at=None,
            updated_at=NOW,
            sequence=Bookings.sequence + 1,
        )
        .returning(*COLUMNS)
        .cte("confirmed")
    )


def _taken_again(confirmed: CTE, *more: CTE) -> Query[Booking]:
    note = noted(confirmed, ChangeKind.CONFIRMED, actor=None, reason=None)
    return Query(
        select(*confirmed.c).add_cte(note, *more),
        Booking,
        violations={"no_overlapping_appointments": Contention, TYPE_IS_FULL: Contention},
    )


TIME: Final = _taken_again(_confirmed(~IS_TAKEN))

CLAIMED: Final = (
    update(EventCapacity)
    .where(EventCapacity.event_id == bindparam("event_id", type_=Uuid), NOBODY_WAITS, HAS_ROOM)
    .values(taken=EventCapacity.taken + bindparam("seats"))
    .returning(EventCapacity.event_id)
    .cte("claimed")
)
SEATED: Final = _confirmed(Bookings.event_id == CLAIMED.c.event_id)
TYPES: Final = (
    update(TicketTypes)
    .where(TicketTypes.id == SOLD.c.id, TicketTypes.event_id == SEATED.c.event_id)
    .values(taken=TicketTypes.taken + SOLD.c.quantity)
    .returning(TicketTypes.id)
    .cte("types")
)
ISSUED: Final = (
    insert(Tickets)
    .from_select(
        ["id", "booking_id", "event_id", "ticket_type_id", "status", "created_at"],
        select(
            TICKETS.c.id,
            SEATED.c.id,
            SEATED.c.event_id,
            TICKETS.c.ticket_type_id,
            literal(TicketStatus.VALID.value),
            NOW,
        ).select_from(TICKETS.join(SEATED, literal(True))),
    )
    .cte("issued")
)
SEATS: Final = _taken_again(SEATED, TYPES, ISSUED)


class RetakingRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock_provider(self, provider_id: UUID) -> None:
        """Let nobody else book a provider's time until the transaction ends."""
        await self.connection.first(LOCK_PROVIDER, provider_id=provider_id)

    async def time(self, booking_id: UUID, *, now: datetime) -> Booking | None:
        """Confirm an appointment that had lapsed; return None if its time is taken or over.

        The provider must be locked, and lapsed holds in its way expired.
        """
        return await self.connection.first(TIME, booking_id=booking_id, now=now, change_id=new_id())

    async def seats(self, booking: Booking, *, now: datetime) -> Booking | None:
        """Confirm a booking of an event that had lapsed; return None if the seats are gone.

        The event's seats must be locked, and each type have as many left.
        """
        lines = [(UUID(one.ticket_type_id), one.quantity) for one in items_of(booking)]
        of_tickets = [id_ for id_, quantity in lines for _ in range(quantity)]
        return await self.connection.first(
            SEATS,
            booking_id=booking.id,
            event_id=booking.event_id,
            seats=booking.seats,
            ticket_type_ids=[id_ for id_, _ in lines],
            quantities=[quantity for _, quantity in lines],
            ticket_ids=[new_id() for _ in of_tickets],
            types_of_tickets=of_tickets,
            change_id=new_id(),
            now=now,
        )
