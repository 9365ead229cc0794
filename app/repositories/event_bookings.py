"""Every statement about booking seats of an event."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    DateTime,
    Integer,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.errors import Contention
from app.core.ids import new_id
from app.core.statements import Command, Query
from app.domain.booking_changes import ChangeKind
from app.domain.bookings import Booking, BookingMade, BookingStatus
from app.domain.event_bookings import EventOnSale, Line, Offer, Sale
from app.domain.events import Seats, TicketType
from app.domain.idempotency import Kept
from app.domain.tickets import Ticket, TicketStatus
from app.domain.waitlist import WaitlistStatus
from app.models import Bookings, EventCapacity, Events, Tickets, TicketTypes, WaitlistEntries
from app.repositories.base import columns, parameters, values
from app.repositories.booking_changes import noted
from app.repositories.idempotency import IS_KEY_FREE, USED, keeping
from app.repositories.jobs import enqueue_if, job

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
EVENT_ID: Final = bindparam("event_id", type_=Uuid)
TO_SEATS: Final = len(EventOnSale.__slots__)
TO_OFFER: Final = TO_SEATS + len(Seats._fields)
TO_TYPES: Final = TO_OFFER + len(Offer.__slots__)

# One row for each ticket type, in the order of their ids.
ON_SALE: Final = Query(
    select(
        *columns(Events, EventOnSale),
        *(EventCapacity.__table__.c[name] for name in Seats._fields),
        WaitlistEntries.id.label("entry_id"),
        WaitlistEntries.seats.label("offered"),
        *columns(TicketTypes, TicketType),
    )
    .join(EventCapacity, EventCapacity.event_id == Events.id)
    .join(TicketTypes, TicketTypes.event_id == Events.id)
    .outerjoin(
        WaitlistEntries,
        and_(
            WaitlistEntries.event_id == Events.id,
            WaitlistEntries.user_id == bindparam("user_id", type_=Uuid),
            WaitlistEntries.status == WaitlistStatus.OFFERED,
            WaitlistEntries.offer_expires_at > NOW,
        ),
    )
    .where(Events.id == EVENT_ID)
    .order_by(TicketTypes.id),
    lambda *row: row,
)

BOOKING: Final = parameters(Bookings, Booking)
SOLD: Final = (
    func.unnest(
        bindparam("ticket_type_ids", type_=ARRAY(Uuid)),
        bindparam("quantities", type_=ARRAY(Integer)),
    )
    .table_valued("id", "quantity", name="sold")
    .render_derived()
)
TICKETS: Final = (
    func.unnest(
        bindparam("ticket_ids", type_=ARRAY(Uuid)), bindparam("types_of_tickets", type_=ARRAY(Uuid))
    )
    .table_valued("id", "ticket_type_id", name="given")
    .render_derived()
)
OF_EVENT: Final = (
    EventCapacity.event_id == EVENT_ID,
    EventCapacity.version == bindparam("version", type_=Integer),
)
SEATS: Final = bindparam("seats", type_=Integer)
TYPE_IS_FULL: Final = "ck_ticket_types_taken"


def _claiming(claimed: CTE, *, keeps: bool = False) -> Command:
    """Book what the claim of the event's seats returns a row for: of each type, with tickets.

    The row of the event is the first that is locked, and whoever changes anything about its seats
    locks it first: so nobody waits for another who waits for them. A type that has not as many is
    refused by its own CHECK, and all of it is undone.
    """
    types = (
        update(TicketTypes)
        .where(TicketTypes.id == SOLD.c.id, TicketTypes.event_id == claimed.c.event_id)
        .values(taken=TicketTypes.taken + SOLD.c.quantity)
        .returning(TicketTypes.id)
        .cte("types")
    )
    added = (
        insert(Bookings)
        .from_select(list(BOOKING), select(*BOOKING.values()).select_from(claimed))
        .returning(Bookings.id, Bookings.created_at, Bookings.status, Bookings.customer_id)
        .cte("added")
    )
    note = noted(
        added, ChangeKind.BOOKED, at=added.c.created_at, actor=added.c.customer_id, reason=None
    )
    beside = [types, _tickets(added), note, *([keeping(added)] if keeps else [])]
    return Command(enqueue_if(added).add_cte(*beside), violations=USED | {TYPE_IS_FULL: Contention})


def _tickets(added: CTE) -> CTE:
    return (
        insert(Tickets)
        .from_select(
            ["id", "booking_id", "event_id", "ticket_type_id", "status", "created_at"],
            select(
                TICKETS.c.id,
                added.c.id,
                EVENT_ID,
                TICKETS.c.ticket_type_id,
                bindparam("ticket_status", type_=Tickets.status.type),
                added.c.created_at,
            ).select_from(TICKETS.join(added, literal(True))),
        )
        .cte("tickets_added")
    )


NOBODY_WAITS: Final = EventCapacity.waiting == 0
HAS_ROOM: Final = EventCapacity.capacity - EventCapacity.taken >= SEATS


def claiming(*guards: ColumnElement[bool], keeps: bool = False) -> Command:
    """Return what takes the seats of an event that pass the guards, and books them.

    If it `keeps`, the request and its answer are kept beside.
    """
    asked = [*guards, IS_KEY_FREE] if keeps else guards
    claimed = (
        update(EventCapacity)
        .where(*asked)
        .values(taken=EventCapacity.taken + SEATS)
        .returning(EventCapacity.event_id)
        .cte("claimed")
    )
    return _claiming(claimed, keeps=keeps)


CLAIM: Final = claiming(*OF_EVENT, NOBODY_WAITS, HAS_ROOM)
CLAIM_KEYED: Final = claiming(*OF_EVENT, NOBODY_WAITS, HAS_ROOM, keeps=True)

# The seats must be locked for this one: the row of the event comes first here too.
SPENT: Final = (
    update(WaitlistEntries)
    .where(
        WaitlistEntries.id == bindparam("entry_id", type_=Uuid),
        WaitlistEntries.status == WaitlistStatus.OFFERED,
        WaitlistEntries.offer_expires_at > NOW,
        WaitlistEntries.event_id == EVENT_ID,
    )
    .values(status=WaitlistStatus.TAKEN, booking_id=bindparam("id", type_=Uuid), updated_at=NOW)
    .returning(WaitlistEntries.event_id, WaitlistEntries.seats)
    .cte("spent")
)
CLAIM_OFFERED: Final = _claiming(
    update(EventCapacity)
    .where(*OF_EVENT, EventCapacity.event_id == SPENT.c.event_id, SPENT.c.seats >= SEATS)
    .values(taken=EventCapacity.taken - SPENT.c.seats + SEATS)
    .returning(EventCapacity.event_id)
    .cte("claimed")
)

# Whoever is let in takes no lock but the ticket's.
LOCK_TICKET: Final = Query(
    select(*columns(Tickets, Ticket))
    .where(Tickets.booking_id == bindparam("booking_id"), Tickets.id == bindparam("ticket_id"))
    .with_for_update(),
    Ticket,
)


class EventBookingRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def on_sale(self, event_id: UUID, user_id: UUID | None, *, now: datetime) -> Sale | None:
        """Return an event as it is sold to somebody; None if there is no such event."""
        rows = await self.connection.all(ON_SALE, event_id=event_id, user_id=user_id, now=now)
        if not rows:
            return None
        first = rows[0]
        entry_id, offered = first[TO_OFFER:TO_TYPES]
        return Sale(
            EventOnSale(*first[:TO_SEATS]),
            Seats(*first[TO_SEATS:TO_OFFER]),
            [TicketType(*row[TO_TYPES:]) for row in rows],
            Offer(entry_id, offered) if entry_id else None,
        )

    async def add(
        self, booking: Booking, sale: Sale, lines: list[Line], kept: Kept | None = None
    ) -> bool:
        """Take the seats, and insert and announce the booking with its tickets.

        With an offer, the event's seats must be locked. Return False when the event has not as
        many, when it was changed since, or when another request with the key of `kept` was made.
        A type that has not as many is Contention.
        """
        of_tickets = [line.ticket_type.id for line in lines for _ in range(line.quantity)]
        confirmed = booking.status is BookingStatus.CONFIRMED
        given: dict[str, Any] = {
            **values(booking),
            **job(BookingMade(booking.id)),
            **(values(kept) if kept else {}),
            "change_id": new_id(),
            "version": sale.seats.version,
            "ticket_type_ids": [line.ticket_type.id for line in lines],
            "quantities": [line.quantity for line in lines],
            "ticket_ids": [new_id() for _ in of_tickets],
            "types_of_tickets": of_tickets,
            "ticket_status": TicketStatus.VALID if confirmed else TicketStatus.HELD,
        }
        if sale.offer is None:
            return await self.connection.run(CLAIM_KEYED if kept else CLAIM, **given) == 1
        given |= {"entry_id": sale.offer.entry_id, "now": booking.created_at}
        return await self.connection.run(CLAIM_OFFERED, **given) == 1

    async def lock_ticket(self, booking_id: UUID, ticket_id: UUID) -> Ticket | None:
        """Return a ticket of a booking, with which nobody is let in until the transaction ends."""
        return await self.connection.first(LOCK_TICKET, booking_id=booking_id, ticket_id=ticket_id)
