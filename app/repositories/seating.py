"""Every statement about seats that come free, and who gets them next.

All but `lock` ask for the event's seats to be locked: whoever changes anything about the
bookings, tickets or waitlist of an event locks that row first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    DateTime,
    Integer,
    Uuid,
    any_,
    bindparam,
    cast,
    func,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.statements import Query
from app.domain.booking_changes import ChangeKind
from app.domain.bookings import BookingExpired, BookingStatus
from app.domain.events import EventStatus, Seats
from app.domain.tickets import TicketStatus
from app.domain.waitlist import WaitlistStatus
from app.models import Bookings, EventCapacity, Events, Tickets, TicketTypes, WaitlistEntries
from app.repositories.booking_changes import HAS_LAPSED, noted
from app.repositories.jobs import enqueued

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
EVENT_ID: Final = bindparam("event_id", type_=Uuid)
BOOKING_ID: Final = bindparam("booking_id", type_=Uuid)
OF_SEATS: Final = [EventCapacity.__table__.c[name] for name in Seats._fields]

LOCK: Final = Query(
    select(*OF_SEATS).where(EventCapacity.event_id == EVENT_ID).with_for_update(), Seats
)
LOCK_OF_BOOKING: Final = Query(
    select(EventCapacity.event_id)
    .where(
        EventCapacity.event_id
        == select(Bookings.event_id).where(Bookings.id == BOOKING_ID).scalar_subquery()
    )
    .with_for_update(),
    lambda id_: id_,
)
LOCK_OF_BOOKINGS: Final = Query(
    select(EventCapacity.event_id)
    .where(
        EventCapacity.event_id.in_(
            select(Bookings.event_id).where(
                Bookings.id == any_(bindparam("booking_ids", type_=ARRAY(Uuid)))
            )
        )
    )
    .order_by(EventCapacity.event_id)
    .with_for_update(),
    lambda id_: id_,
)


def _freeing(cancelled: CTE, *beside: CTE) -> Query[int]:
    """Give the seats of tickets that were cancelled back to their types, and to the event."""
    by_type = (
        select(cancelled.c.ticket_type_id, cast(func.count(), Integer).label("seats"))
        .group_by(cancelled.c.ticket_type_id)
        .cte("by_type")
    )
    types = (
        update(TicketTypes)
        .where(TicketTypes.id == by_type.c.ticket_type_id)
        .values(taken=TicketTypes.taken - by_type.c.seats)
        .returning(TicketTypes.id)
        .cte("types")
    )
    freed = select(cast(func.count(), Integer).label("seats")).select_from(cancelled).cte("freed")
    event = (
        update(EventCapacity)
        .where(EventCapacity.event_id == EVENT_ID, freed.c.seats > 0)
        .values(taken=EventCapacity.taken - freed.c.seats)
        .returning(EventCapacity.event_id)
        .cte("event")
    )
    return Query(select(freed.c.seats).add_cte(types, event, *beside), int)


def _cancelled(*conditions: Any) -> CTE:
    return (
        update(Tickets)
        .where(*conditions)
        .values(status=TicketStatus.CANCELLED, checked_in_at=None)
        .returning(Tickets.ticket_type_id)
        .cte("cancelled")
    )


STANDING: Final = Tickets.status != TicketStatus.CANCELLED
LAPSED: Final = (
    update(Bookings)
    .where(Bookings.event_id == EVENT_ID, HAS_LAPSED)
    .values(status=BookingStatus.EXPIRED, updated_at=NOW, sequence=Bookings.sequence + 1)
    .returning(Bookings.id, Bookings.status)
    .cte("lapsed")
)
EXPIRE: Final = _freeing(
    _cancelled(Tickets.booking_id == LAPSED.c.id, STANDING),
    noted(LAPSED, ChangeKind.EXPIRED, id_=func.gen_random_uuid(), actor=None, reason=None),
    enqueued(LAPSED, BookingExpired),
)
RELEASE: Final = _freeing(_cancelled(Tickets.booking_id == BOOKING_ID, STANDING))
RELEASE_ONE: Final = _freeing(
    _cancelled(Tickets.id == bindparam("ticket_id", type_=Uuid), STANDING)
)
ADMITTED: Final = (
    update(Tickets)
    .where(Tickets.booking_id == BOOKING_ID, Tickets.status == TicketStatus.HELD)
    .values(status=TicketStatus.VALID)
    .returning(Tickets.id)
    .cte("admitted")
)
ADMIT: Final = Query(select(func.count(type_=BigInteger)).select_from(ADMITTED), int)

# Whoever is let in takes no lock but the ticket's: nobody is while all of them are locked.
LOCK_TICKETS: Final = Query(
    select(Tickets.status)
    .where(Tickets.booking_id == BOOKING_ID)
    .order_by(Tickets.id)
    .with_for_update(),
    lambda status: status,
)


def _unwaited(given_up: CTE, **counted: Any) -> Query[int]:
    """Change the counters of an event by the sums of what a CTE returns: `seats` of entries."""
    sums = select(
        cast(func.coalesce(func.sum(given_up.c.seats), 0), Integer).label("seats"),
        cast(func.count(), Integer).label("entries"),
    ).cte("sums")
    event = (
        update(EventCapacity)
        .where(EventCapacity.event_id == EVENT_ID, sums.c.entries > 0)
        .values({name: change(sums) for name, change in counted.items()})
        .returning(EventCapacity.event_id)
        .cte("event")
    )
    return Query(select(sums.c.entries).add_cte(event), int)


def _entries(status: WaitlistStatus, *conditions: Any, **more: Any) -> CTE:
    return (
        update(WaitlistEntries)
        .where(WaitlistEntries.event_id == EVENT_ID, *conditions)
        .values(status=status, updated_at=NOW, **more)
        .returning(WaitlistEntries.id, WaitlistEntries.seats)
        .cte("entries")
    )


def _seats_back(sums: CTE) -> Any:
    return EventCapacity.taken - sums.c.seats


def _fewer_waiting(sums: CTE) -> Any:
    return EventCapacity.waiting - sums.c.entries


WAITING: Final = WaitlistEntries.status == WaitlistStatus.WAITING
OFFERED: Final = WaitlistEntries.status == WaitlistStatus.OFFERED
LAPSE: Final = _unwaited(
    _entries(WaitlistStatus.LAPSED, OFFERED, WaitlistEntries.offer_expires_at <= NOW),
    taken=_seats_back,
)
DISMISS: Final = _unwaited(_entries(WaitlistStatus.LAPSED, WAITING), waiting=_fewer_waiting)

# In order: nobody is offered anything past one whose seats aren't there yet.
MOST_OFFERS: Final = 1000
IN_LINE: Final = (
    select(
        WaitlistEntries.id,
        func.sum(WaitlistEntries.seats).over(order_by=WaitlistEntries.place).label("upto"),
    )
    .where(WaitlistEntries.event_id == EVENT_ID, WAITING)
    .order_by(WaitlistEntries.place)
    .limit(MOST_OFFERS)
    .cte("in_line")
)
CHOSEN: Final = _entries(
    WaitlistStatus.OFFERED,
    WaitlistEntries.id == IN_LINE.c.id,
    IN_LINE.c.upto <= bindparam("free", type_=Integer),
    offer_expires_at=bindparam("expires", type_=INSTANT),
)
SUMS: Final = select(
    cast(func.coalesce(func.sum(CHOSEN.c.seats), 0), Integer).label("seats"),
    cast(func.count(), Integer).label("entries"),
).cte("sums")
KEPT: Final = (
    update(EventCapacity)
    .where(EventCapacity.event_id == EVENT_ID, SUMS.c.entries > 0)
    .values(taken=EventCapacity.taken + SUMS.c.seats, waiting=_fewer_waiting(SUMS))
    .returning(EventCapacity.event_id)
    .cte("kept")
)
OFFER: Final = Query(select(CHOSEN.c.id).add_cte(KEPT), lambda id_: id_)

SELLING: Final = Query(
    select(Events.status, Events.starts_at).where(Events.id == EVENT_ID),
    lambda status, starts_at: (status, starts_at),
)

HELD_PAST: Final = select(Bookings.event_id).where(Bookings.event_id.is_not(None), HAS_LAPSED)
OFFERED_PAST: Final = select(WaitlistEntries.event_id).where(
    OFFERED, WaitlistEntries.offer_expires_at <= NOW
)
HAS_PAST: Final = Query(
    select(
        or_(
            HELD_PAST.where(Bookings.event_id == EVENT_ID).exists(),
            OFFERED_PAST.where(WaitlistEntries.event_id == EVENT_ID).exists(),
        )
    ),
    bool,
)
UNSETTLED: Final = Query(
    select(
        union(
            HELD_PAST,
            OFFERED_PAST,
            select(EventCapacity.event_id)
            .join(Events, Events.id == EventCapacity.event_id)
            .where(
                EventCapacity.waiting > 0,
                or_(Events.status != EventStatus.PUBLISHED, Events.starts_at <= NOW),
            ),
        )
        .subquery("unsettled")
        .c.event_id
    )
    .order_by("event_id")
    .limit(bindparam("most", type_=BigInteger)),
    lambda id_: id_,
)


class SeatingRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock(self, event_id: UUID) -> Seats | None:
        """Let nobody else touch the seats of an event until the transaction ends."""
        return await self.connection.first(LOCK, event_id=event_id)

    async def lock_of(self, booking_id: UUID) -> None:
        """Lock the seats of the event that a booking is for; of an appointment, nothing."""
        await self.connection.first(LOCK_OF_BOOKING, booking_id=booking_id)

    async def lock_of_all(self, booking_ids: Sequence[UUID]) -> None:
        """Lock the seats of all events that these bookings are for, in the order of their ids."""
        await self.connection.all(LOCK_OF_BOOKINGS, booking_ids=list(booking_ids))

    async def expire(self, event_id: UUID, *, now: datetime) -> int:
        """Expire the holds that have lapsed; return how many seats that frees."""
        return await self.connection.first(EXPIRE, event_id=event_id, now=now) or 0

    async def release(self, event_id: UUID, booking_id: UUID) -> int:
        """Cancel every ticket of a booking; return how many seats that frees."""
        found = await self.connection.first(RELEASE, event_id=event_id, booking_id=booking_id)
        return found or 0

    async def release_one(self, event_id: UUID, ticket_id: UUID) -> int:
        """Cancel one ticket; return how many seats that frees: none if it was cancelled."""
        found = await self.connection.first(RELEASE_ONE, event_id=event_id, ticket_id=ticket_id)
        return found or 0

    async def is_anybody_in(self, booking_id: UUID) -> bool:
        """Tell whether somebody was let in with a ticket of it; nobody is from here on."""
        statuses = await self.connection.all(LOCK_TICKETS, booking_id=booking_id)
        return TicketStatus.CHECKED_IN in statuses

    async def admit(self, booking_id: UUID) -> None:
        """Make the tickets of a booking valid that was held until now."""
        await self.connection.first(ADMIT, booking_id=booking_id)

    async def lapse(self, event_id: UUID, *, now: datetime) -> int:
        """End the offers whose time has passed; return how many."""
        return await self.connection.first(LAPSE, event_id=event_id, now=now) or 0

    async def dismiss(self, event_id: UUID, *, now: datetime) -> int:
        """Let nobody wait any longer; return how many did."""
        return await self.connection.first(DISMISS, event_id=event_id, now=now) or 0

    async def offer(
        self, event_id: UUID, *, free: int, expires: datetime, now: datetime
    ) -> list[UUID]:
        """Keep up to `free` seats for those who wait, in order; return the ids of the entries."""
        return await self.connection.all(
            OFFER, event_id=event_id, free=free, expires=expires, now=now
        )

    async def selling(self, event_id: UUID) -> tuple[EventStatus, datetime] | None:
        """Return the state of an event and when it begins."""
        return await self.connection.first(SELLING, event_id=event_id)

    async def has_past(self, event_id: UUID, *, now: datetime) -> bool:
        """Tell whether a hold or an offer has lapsed that nobody has written down. No lock."""
        return await self.connection.first(HAS_PAST, event_id=event_id, now=now) or False

    async def unsettled(self, *, now: datetime, most: int) -> list[UUID]:
        """Return some events with lapsed holds or offers, or with people who wait in vain."""
        return await self.connection.all(UNSETTLED, now=now, most=most)
