"""Seats that come free, and who gets them next: first those who wait, in their order."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.domain.bookings import Booking
from app.domain.events import EventStatus, Seats
from app.domain.waitlist import SeatsOffered
from app.repositories.jobs import JobRepository
from app.repositories.seating import SeatingRepository

AT_ONCE: Final = 20


class SeatingService:
    """Whoever changes a booking of an event, or its waitlist, locks the event's seats first."""

    def __init__(
        self, seating: SeatingRepository, jobs: JobRepository, clock: Clock, offer: timedelta
    ) -> None:
        self.seating = seating
        self.jobs = jobs
        self.clock = clock
        self.offer = offer

    async def lock(self, event_id: UUID) -> Seats | None:
        return await self.seating.lock(event_id)

    async def lock_of(self, booking_id: UUID) -> None:
        """Lock the seats of the event that a booking is for, if it is for one."""
        await self.seating.lock_of(booking_id)

    async def lock_of_all(self, booking_ids: Sequence[UUID]) -> None:
        """Lock the seats of all events that these bookings are for."""
        await self.seating.lock_of_all(booking_ids)

    async def release(self, booking: Booking) -> None:
        """Give the seats of a booking that was ended to who is next. Its event must be locked."""
        if booking.event_id is not None:
            await self.seating.release(booking.event_id, booking.id)
            await self.settle(booking.event_id)

    async def release_one(self, event_id: UUID, ticket_id: UUID) -> None:
        """Give the seat of one ticket to who is next. The event's seats must be locked."""
        await self.seating.release_one(event_id, ticket_id)
        await self.settle(event_id)

    async def is_anybody_in(self, booking: Booking) -> bool:
        """Tell whether somebody was let in with a ticket of it; nobody is from here on."""
        return booking.event_id is not None and await self.seating.is_anybody_in(booking.id)

    async def admit(self, booking: Booking) -> None:
        """Make the tickets of a booking valid that was confirmed. Its event must be locked."""
        if booking.event_id is not None:
            await self.seating.admit(booking.id)

    async def settle(self, event_id: UUID) -> bool:
        """Take back what lapsed and offer what is free to those who wait, in order.

        Return whether there was anything to do. Nothing happens twice, however often it is run.
        """
        seats, now = await self.seating.lock(event_id), self.clock()
        if seats is None:
            return False
        expired = await self.seating.expire(event_id, now=now)
        lapsed = await self.seating.lapse(event_id, now=now)
        offered = seats.waiting and await self._offer(event_id, now)
        return bool(expired or lapsed or offered)

    async def has_past(self, event_id: UUID) -> bool:
        """Tell whether seats are taken that a moment ago came free. Takes no lock."""
        return await self.seating.has_past(event_id, now=self.clock())

    async def settle_all(self) -> int:
        """Settle some of the events with anything to settle; return how many, 0 when all are."""
        unsettled = await self.seating.unsettled(now=self.clock(), most=AT_ONCE)
        for event_id in unsettled:
            await self.settle(event_id)
        return len(unsettled)

    async def _offer(self, event_id: UUID, now: datetime) -> int:
        """Offer seats that are free; once an event can't be booked, let nobody wait any longer."""
        selling = await self.seating.selling(event_id)
        assert selling is not None  # its seats are locked
        status, starts_at = selling
        if status is not EventStatus.PUBLISHED or starts_at <= now:
            return await self.seating.dismiss(event_id, now=now)
        seats = await self.seating.lock(event_id)
        assert seats is not None
        offered = await self.seating.offer(
            event_id,
            free=seats.capacity - seats.taken,
            expires=min(now + self.offer, starts_at),
            now=now,
        )
        for entry_id in offered:
            await self.jobs.announce(SeatsOffered(entry_id))
        return len(offered)
