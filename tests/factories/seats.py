"""Bookings of events as they stand in the tables: with tickets, and counted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command, Query
from app.domain.bookings import ACTIVE, Booking, BookingStatus
from app.domain.event_bookings import EventOnSale, Line, seats_booking
from app.domain.events import TicketType
from app.domain.tickets import Ticket, TicketStatus
from app.models import Bookings, EventCapacity, Events, Tickets, TicketTypes
from app.repositories.base import columns, parameters, values
from tests.factories.clock import NOW

EVENT_ID = bindparam("event_id", type_=Uuid)
EVENT = Query(select(*columns(Events, EventOnSale)).where(Events.id == EVENT_ID), EventOnSale)
TYPES = Query(
    select(*columns(TicketTypes, TicketType))
    .where(TicketTypes.event_id == EVENT_ID)
    .order_by(TicketTypes.price_amount, TicketTypes.id),
    TicketType,
)
ADD = Command(insert(Bookings).values(parameters(Bookings, Booking)))
ADD_TICKET = Command(insert(Tickets).values(parameters(Tickets, Ticket)))
SEATS = bindparam("seats")
TAKE = Command(
    update(EventCapacity)
    .where(EventCapacity.event_id == EVENT_ID)
    .values(taken=EventCapacity.taken + SEATS)
)
TAKE_TYPE = Command(
    update(TicketTypes)
    .where(TicketTypes.id == bindparam("type_id"))
    .values(taken=TicketTypes.taken + SEATS)
)
STANDING = (*ACTIVE, BookingStatus.COMPLETED, BookingStatus.NO_SHOW)


async def book_seats(
    connection: Connection,
    event_id: UUID,
    customer_id: UUID,
    *,
    seats: int = 1,
    of_type: str | None = None,
    **changes: Any,
) -> Booking:
    """Make a confirmed booking of so many seats of one type (its name), or in another state."""
    event = await connection.first(EVENT, event_id=event_id)
    assert event is not None
    types = await connection.all(TYPES, event_id=event_id)
    one = next(one for one in types if of_type in (None, one.name))
    made = seats_booking(
        event,
        [Line(one, seats)],
        customer_id=customer_id,
        notes=None,
        now=NOW - timedelta(days=1),
        hold=timedelta(minutes=15),
    )
    pending = changes.get("status") is BookingStatus.PENDING
    implied = {
        "status": BookingStatus.CONFIRMED,
        "hold_expires_at": NOW + timedelta(minutes=15) if pending else None,
    }
    booking = replace(made, **{**implied, **changes})
    await connection.run(ADD, **values(booking))
    stands = booking.status in STANDING
    for _ in range(seats):
        ticket = Ticket(
            id=new_id(),
            booking_id=booking.id,
            event_id=event_id,
            ticket_type_id=one.id,
            status=_status(booking.status),
            attendee_name=None,
            attendee_email=None,
            code_version=0,
            checked_in_at=None,
            created_at=booking.created_at,
        )
        await connection.run(ADD_TICKET, **values(ticket))
    if stands:
        await connection.run(TAKE, event_id=event_id, seats=seats)
        await connection.run(TAKE_TYPE, type_id=one.id, seats=seats)
    return booking


def _status(status: BookingStatus) -> TicketStatus:
    if status not in STANDING:
        return TicketStatus.CANCELLED
    return TicketStatus.HELD if status is BookingStatus.PENDING else TicketStatus.VALID
