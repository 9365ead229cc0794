"""What follows for bookings when their event is moved, cancelled or over, a batch at a time."""

from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.bookings import BookingRescheduled
from app.domain.event_changes import CancellationProgress, EventStands
from app.domain.events import EventCancelled, EventMoved
from app.policies import events as policy
from app.repositories.event_changes import EventChangeRepository
from app.repositories.events import EventRepository
from app.repositories.jobs import JobRepository
from app.services.events import EventService
from app.services.seating import SeatingService

AT_ONCE: Final = 100


class EventChangeService:
    """Every batch announces the next in its own transaction: none is left out, or begun anew."""

    def __init__(
        self,
        changes: EventChangeRepository,
        rows: EventRepository,
        events: EventService,
        seating: SeatingService,
        jobs: JobRepository,
        clock: Clock,
    ) -> None:
        self.changes = changes
        self.rows = rows
        self.events = events
        self.seating = seating
        self.jobs = jobs
        self.clock = clock

    async def progress(self, actor: Actor, event_id: UUID) -> CancellationProgress:
        """Return how far the cancellation of an event is; refuse with EventStands without one."""
        policy.ensure_can_watch(actor, await self.events.get(actor, event_id))
        progress = await self.changes.progress(event_id, now=self.clock())
        if progress is None:
            raise EventStands
        return progress

    async def cancel_some(self, event_id: UUID) -> None:
        """Cancel some bookings of a cancelled event; once none is left, nobody waits any more."""
        await self.seating.lock(event_id)
        cancelled = await self.changes.cancel_some(event_id, now=self.clock(), most=AT_ONCE)
        if cancelled == AT_ONCE:
            await self.jobs.announce(EventCancelled(event_id))
        else:
            await self.seating.settle(event_id)

    async def tell_some(self, event_id: UUID, *, after_id: UUID) -> None:
        """Announce the last move of some bookings of an event, those after a place."""
        found = await self.changes.moved(
            event_id, after_id=after_id, now=self.clock(), most=AT_ONCE
        )
        for booking_id, change_id in found:
            if change_id is not None:
                await self.jobs.announce(BookingRescheduled(booking_id, change_id))
        if len(found) == AT_ONCE:
            await self.jobs.announce(EventMoved(event_id, found[-1][0]))

    async def complete_over(self) -> int:
        """Complete some events that ended; return how many, 0 when all are."""
        return await self.rows.complete_over(now=self.clock(), most=AT_ONCE)
