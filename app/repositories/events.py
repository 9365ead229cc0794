"""Every statement about events as they are offered: found, shown, made and changed."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    String,
    Uuid,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, array, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.bookings import BookingStatus, HasBookings
from app.domain.events import (
    CapacityTaken,
    Event,
    EventEntry,
    EventFilter,
    EventItem,
    EventSort,
    EventStatus,
    TicketType,
)
from app.domain.offerings import UnknownCategory
from app.domain.places import around
from app.domain.tickets import TicketStatus
from app.models import Bookings, Categories, EventCapacity, Events, Tickets, TicketTypes
from app.repositories.base import Listing, columns, parameters, values
from app.repositories.booking_changes import HAS_LAPSED
from app.repositories.categories import WITHIN_ID, WITHIN_SLUG
from app.repositories.places import kilometres, within
from app.repositories.searching import distance, found_in

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
EVENT_ID: Final = bindparam("event_id", type_=Uuid)
USER_ID: Final = bindparam("user_id", type_=Uuid)
COLUMNS: Final = columns(Events, Event)
FIXED: Final = ("id", "organizer_id", "created_at")
CHANGING: Final = [name for name in Event.__slots__ if name not in FIXED]
WRITTEN: Final = {"fk_events_category_id_categories": UnknownCategory}
COUNTED: Final = {
    "ck_event_capacity_taken": CapacityTaken,
    "ck_ticket_types_taken": CapacityTaken,
}

# The seats of holds whose time has passed: anybody may have them, see `repositories.seating`.
LAPSED: Final = (
    select(cast(func.coalesce(func.sum(Bookings.seats), 0), Integer))
    .where(Bookings.event_id == Events.id, HAS_LAPSED)
    .correlate(Events)
    .scalar_subquery()
)
FREE: Final = case(
    (EventCapacity.waiting > 0, 0), else_=EventCapacity.capacity - EventCapacity.taken + LAPSED
)
ENTRY: Final[list[ColumnElement[Any]]] = [
    *COLUMNS,
    Categories.name.label("category_name"),
    Categories.slug.label("category_slug"),
    *(EventCapacity.__table__.c[name] for name in ("capacity", "taken", "waiting")),
    LAPSED.label("lapsed"),
]
SHOWN: Final = Events.__table__.join(
    EventCapacity.__table__, EventCapacity.event_id == Events.id
).outerjoin(Categories.__table__, Categories.id == Events.category_id)

LAPSED_OF_TYPE: Final = (
    select(cast(func.count(), Integer))
    .select_from(Bookings)
    .join(Tickets, Tickets.booking_id == Bookings.id)
    .where(
        Bookings.event_id == TicketTypes.event_id,
        HAS_LAPSED,
        Tickets.ticket_type_id == TicketTypes.id,
        Tickets.status != TicketStatus.CANCELLED,
    )
    .correlate(TicketTypes)
    .scalar_subquery()
)
TYPE: Final[dict[str, ColumnElement[Any]]] = {
    str(column.key): TicketTypes.taken - LAPSED_OF_TYPE if column.key == "taken" else column
    for column in columns(TicketTypes, TicketType)
}
TYPES: Final = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(*TYPE.values()), TicketTypes.created_at, TicketTypes.id
            ),
            type_=JSONB,
        )
    )
    .where(TicketTypes.event_id == Events.id)
    .correlate(Events)
    .scalar_subquery()
)
IS_BOOKED: Final = (
    exists()
    .where(
        Bookings.customer_id == USER_ID,
        Bookings.event_id == Events.id,
        or_(Bookings.status == BookingStatus.CONFIRMED, Bookings.status == BookingStatus.COMPLETED),
    )
    .correlate(Events)
)
INSTANTS: Final = ("sales_start", "sales_end", "created_at", "updated_at")


def _ticket_type(row: Sequence[Any]) -> TicketType:
    fields = dict(zip(TYPE, row, strict=True))
    for name in ("id", "event_id"):
        fields[name] = UUID(fields[name])
    for name in INSTANTS:
        fields[name] = fields[name] and datetime.fromisoformat(fields[name])
    return TicketType(**fields)


def _item(*row: Any) -> EventItem:
    types = [_ticket_type(one) for one in row[-1] or ()]
    return EventItem(*(*row[:-1], types))


ITEM: Final = Query(
    select(*ENTRY, IS_BOOKED.label("is_booked"), TYPES)
    .select_from(SHOWN)
    .where(Events.id == EVENT_ID),
    _item,
)

# Of an event everything is locked in this order: its row, its seats, its ticket types, its
# bookings, their tickets. A booking that is being made holds the key of the event's row.
LOCK: Final = Query(
    select(Events.id).where(Events.id == EVENT_ID).with_for_update(key_share=True), lambda id_: id_
)
ADD: Final = Command(insert(Events).values(parameters(Events, Event)), violations=WRITTEN)
OPEN: Final = Command(
    insert(EventCapacity).values(event_id=EVENT_ID, capacity=bindparam("capacity", type_=Integer))
)
CHANGE: Final = Command(
    update(Events)
    .where(Events.id == EVENT_ID)
    .values({name: bindparam(name, type_=Events.__table__.c[name].type) for name in CHANGING}),
    violations=WRITTEN,
)
# Whatever a booking is decided by has changed: one that is being made is decided anew.
PUT_CAPACITY: Final = Command(
    update(EventCapacity)
    .where(EventCapacity.event_id == EVENT_ID)
    .values(
        capacity=bindparam("capacity", type_=Integer),
        version=EventCapacity.version + 1,
    ),
    violations=COUNTED,
)
REMOVE: Final = Command(
    delete(Events).where(Events.id == EVENT_ID),
    violations={
        "fk_bookings_event_id_events": HasBookings,
        "fk_tickets_event_id_events": HasBookings,
        "fk_tickets_ticket_type_id_ticket_types": HasBookings,
        "fk_check_ins_event_id_events": HasBookings,
    },
)
WAS_BOOKED: Final = Query(select(exists().where(Bookings.event_id == EVENT_ID)), bool)

ENDED: Final = (
    select(Events.id)
    .where(Events.status == EventStatus.PUBLISHED, Events.ends_at <= NOW)
    .order_by(Events.ends_at)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True, key_share=True)
    .cte("ended")
)
COMPLETE: Final = Command(
    update(Events)
    .where(Events.id == ENDED.c.id)
    .values(status=EventStatus.COMPLETED, updated_at=NOW)
)

FILTERS: Final = {
    "q": found_in(Events.searched),
    "category_id": Events.category_id.in_(WITHIN_ID),
    "category_slug": Events.category_id.in_(WITHIN_SLUG),
    "tag": Events.tags.contains(array([bindparam("tag", type_=String(40))])),
    "organizer_id": Events.organizer_id == bindparam("organizer_id"),
    "starts_after": Events.starts_at >= bindparam("starts_after"),
    "starts_before": Events.starts_at < bindparam("starts_before"),
    "has_seats": (FREE > 0) == bindparam("has_seats", type_=Boolean),
    "status": Events.status == bindparam("status"),
    "upcoming": (Events.ends_at > NOW) == bindparam("upcoming", type_=Boolean),
    "owner_id": Events.organizer_id == bindparam("owner_id"),
    "latitude": Events.latitude.is_not(None),
    "longitude": Events.longitude.is_not(None),
    "radius_km": within(Events.latitude, Events.longitude),
}
SORTS: Final = {
    "relevance": distance(Events.title, Events.searched),
    "starts_at": Events.starts_at,
    "title": Events.title,
    "created_at": Events.created_at,
}
DISTANCE: Final = kilometres(Events.latitude, Events.longitude)


def _entry(*row: Any) -> EventEntry:
    return EventEntry(*row)


MATCHING: Final = Listing(Events, _entry, shown=ENTRY, source=SHOWN, filters=FILTERS, sorts=SORTS)
NEAR: Final = Listing(
    Events,
    _entry,
    shown=[*ENTRY, DISTANCE.label("distance_km")],
    source=SHOWN,
    filters=FILTERS,
    sorts=SORTS | {"distance": DISTANCE},
)


class EventRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def item(
        self, event_id: UUID, *, user_id: UUID | None, now: datetime
    ) -> EventItem | None:
        """Return it with its category, seats and ticket types, as that user sees it."""
        return await self.connection.first(ITEM, event_id=event_id, user_id=user_id, now=now)

    async def lock(self, event_id: UUID) -> bool:
        """Let nobody else change it until the transaction ends; tell whether it is there."""
        return await self.connection.first(LOCK, event_id=event_id) is not None

    async def add(self, event: Event, *, capacity: int) -> None:
        """Insert it with so many seats to sell; refuse an unknown category."""
        await self.connection.run(ADD, **values(event))
        await self.connection.run(OPEN, event_id=event.id, capacity=capacity)

    async def change(self, event: Event, *, capacity: int) -> None:
        """Write it over what is there; its seats must be locked.

        Refuse an unknown category, and with CapacityTaken fewer seats than are taken.
        """
        written = {name: getattr(event, name) for name in CHANGING}
        await self.connection.run(CHANGE, event_id=event.id, **written)
        await self.connection.run(PUT_CAPACITY, event_id=event.id, capacity=capacity)

    async def remove(self, event_id: UUID) -> None:
        """Delete it; refuse with HasBookings if it was ever booked."""
        await self.connection.run(REMOVE, event_id=event_id)

    async def was_booked(self, event_id: UUID) -> bool:
        return await self.connection.first(WAS_BOOKED, event_id=event_id) or False

    async def complete_over(self, *, now: datetime, most: int) -> int:
        """Complete up to `most` published events that ended; return how many."""
        return await self.connection.run(COMPLETE, now=now, most=most)

    async def matching(
        self, wanted: EventFilter, request: PageRequest[EventSort], *, now: datetime
    ) -> Page[EventEntry]:
        if wanted.latitude is None or wanted.longitude is None or wanted.radius_km is None:
            return await MATCHING.page(self.connection, wanted, request, now=now)
        boxes = around(wanted.latitude, wanted.longitude, wanted.radius_km)
        return await NEAR.page(self.connection, wanted, request, now=now, **asdict(boxes))
