"""Events as they stand in the tables, whatever way they came there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command, Query
from app.domain.captures import CaptureMode
from app.domain.events import Event, EventStatus, TicketType, sellable
from app.domain.walltime import wall_time
from app.models import Bookings, EventCapacity, Events, Tickets, TicketTypes, WaitlistEntries
from app.repositories.base import parameters, values

ADD = Command(insert(Events).values(parameters(Events, Event)))
ADD_TYPE = Command(insert(TicketTypes).values(parameters(TicketTypes, TicketType)))
COUNTED = ("event_id", "capacity")
ADD_CAPACITY = Command(
    insert(EventCapacity)
    .values({name: bindparam(name, type_=EventCapacity.__table__.c[name].type) for name in COUNTED})
    .inline()
)
STARTS = timedelta(days=30)


def ticket_type(name: str = "Standard", price: int = 0, capacity: int | None = None, **more: Any):
    """Return a ticket type that is no event's yet."""
    return {"name": name, "price_amount": price, "capacity": capacity, **more}


async def make_event(
    connection: Connection,
    organizer_id: UUID,
    *,
    now: datetime,
    seats: int = 50,
    types: Sequence[dict[str, Any]] = (),
    **changes: Any,
) -> tuple[Event, list[TicketType]]:
    """Make a published event a month from now; without types, of one that is free."""
    starts_at = changes.pop("starts_at", now + STARTS)
    timezone = changes.pop("timezone", "Europe/Berlin")
    made = Event(
        id=new_id(),
        organizer_id=organizer_id,
        category_id=None,
        title="An evening of songs",
        description=None,
        tags=[],
        status=EventStatus.PUBLISHED,
        timezone=timezone,
        starts_at=starts_at,
        starts_local=wall_time(starts_at, timezone),
        ends_at=starts_at + timedelta(hours=2),
        location="1 Church Square, Berlin",
        latitude=None,
        longitude=None,
        online_url=None,
        cover_id=None,
        max_participants=seats,
        price_amount=0,
        price_currency="EUR",
        free_until_minutes=0,
        late_fee_percent=0,
        no_show_fee_percent=None,
        no_show_fee_amount=None,
        no_show_fee_currency=None,
        reminder_minutes=[1440, 120],
        deposit_percent=None,
        deposit_amount=None,
        deposit_currency=None,
        deposit_rest=None,
        capture=CaptureMode.AUTOMATIC,
        cancelled_at=None,
        cancelled_by=None,
        cancel_reason=None,
        created_at=now,
        updated_at=now,
    )
    given = [_type(made, one) for one in types or [ticket_type()]]
    cheapest = min(one.price_amount for one in given)
    event = replace(made, price_amount=cheapest, **changes)
    await connection.run(ADD, **values(event))
    await connection.run(ADD_CAPACITY, event_id=event.id, capacity=sellable(seats, given))
    for one in given:
        await connection.run(ADD_TYPE, **values(one))
    return event, given


def _type(event: Event, given: dict[str, Any]) -> TicketType:
    made = TicketType(
        id=new_id(),
        event_id=event.id,
        name="Standard",
        price_amount=0,
        price_currency=event.price_currency,
        capacity=None,
        taken=0,
        max_per_booking=10,
        sales_start=None,
        sales_end=None,
        created_at=event.created_at,
        updated_at=event.updated_at,
    )
    return replace(made, **given)


# What must hold after anything: every counter is the sum of its rows, and within its capacity.
SOLD = ("pending", "confirmed", "completed", "no_show")
IS_SOLD = or_(*(Bookings.status == status for status in SOLD))
OF_EVENT = (
    select(func.coalesce(func.sum(Bookings.seats), 0))
    .where(Bookings.event_id == EventCapacity.event_id, IS_SOLD)
    .correlate(EventCapacity)
    .scalar_subquery()
)
OFFERED = (
    select(func.coalesce(func.sum(WaitlistEntries.seats), 0))
    .where(WaitlistEntries.event_id == EventCapacity.event_id, WaitlistEntries.status == "offered")
    .correlate(EventCapacity)
    .scalar_subquery()
)
WAITING = (
    select(func.count())
    .where(WaitlistEntries.event_id == EventCapacity.event_id, WaitlistEntries.status == "waiting")
    .correlate(EventCapacity)
    .scalar_subquery()
)
TICKETS = (
    select(func.count())
    .where(Tickets.ticket_type_id == TicketTypes.id, Tickets.status != "cancelled")
    .correlate(TicketTypes)
    .scalar_subquery()
)
OF_TYPE = (
    select(func.count())
    .where(Tickets.booking_id == Bookings.id, Tickets.status != "cancelled")
    .correlate(Bookings)
    .scalar_subquery()
)
OFF = Query(
    union_all(
        *(
            select(literal(number).label("broken"), one.selected_columns[0].label("id")).where(
                one.whereclause
            )
            for number, one in enumerate(
                (
                    select(EventCapacity.event_id).where(EventCapacity.taken != OF_EVENT + OFFERED),
                    select(EventCapacity.event_id).where(EventCapacity.waiting != WAITING),
                    select(EventCapacity.event_id).where(
                        EventCapacity.taken > EventCapacity.capacity
                    ),
                    select(TicketTypes.id).where(TicketTypes.taken != TICKETS),
                    select(TicketTypes.id).where(TicketTypes.taken > TicketTypes.capacity),
                    select(Bookings.id).where(
                        Bookings.event_id.is_not(None), IS_SOLD, Bookings.seats != OF_TYPE
                    ),
                )
            )
        )
    )
    .subquery("off")
    .select(),
    lambda broken, id_: (broken, id_),
)


async def ensure_counted(connection: Connection) -> None:
    """Fail unless every counter of seats is the sum of its rows."""
    assert await connection.all(OFF) == []
