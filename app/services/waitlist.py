"""Waiting for seats at an event that is sold out."""

from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.event_bookings import Sale, ensure_bookable
from app.domain.events import EventNotFound, TooManyTickets
from app.domain.waitlist import (
    NotOnWaitlist,
    SeatsAvailable,
    WaitlistEntry,
    WaitlistFilter,
    WaitlistSort,
    as_of,
)
from app.policies import bookings as policy
from app.repositories.event_bookings import EventBookingRepository
from app.repositories.waitlist import WaitlistRepository
from app.services.seating import SeatingService


class WaitlistService:
    def __init__(
        self,
        entries: WaitlistRepository,
        event_bookings: EventBookingRepository,
        seating: SeatingService,
        clock: Clock,
    ) -> None:
        self.entries = entries
        self.event_bookings = event_bookings
        self.seating = seating
        self.clock = clock

    async def join(self, actor: Actor, event_id: UUID, *, seats: int) -> WaitlistEntry:
        """Wait for so many seats; refused with SeatsAvailable while there is any.

        Refused too with AlreadyWaiting, EventNotBookable and TooManyTickets.
        """
        await self.seating.settle(event_id)
        sale, now = await self._on_sale(actor, event_id), self.clock()
        ensure_bookable(sale.event, now=now)
        if await self.entries.of_user(event_id, actor.user_id) is None and sale.seats.free:
            raise SeatsAvailable(available=sale.seats.free)
        most = max(one.max_per_booking for one in sale.ticket_types)
        if seats > min(most, sale.seats.capacity):
            raise TooManyTickets
        entry_id = new_id()
        await self.entries.join(entry_id, event_id, actor.user_id, seats=seats, now=now)
        return await self._get(entry_id)

    async def leave(self, actor: Actor, event_id: UUID) -> None:
        """Wait no longer; seats that were kept go to the next. Refused with NotOnWaitlist."""
        await self.seating.lock(event_id)
        if not await self.entries.leave(event_id, actor.user_id, now=self.clock()):
            raise NotOnWaitlist
        await self.seating.settle(event_id)

    async def leave_all(self, user_id: UUID) -> None:
        """Let somebody who goes wait for nothing."""
        for event_id in await self.entries.events_of(user_id):
            await self.seating.lock(event_id)
            await self.entries.leave(event_id, user_id, now=self.clock())
            await self.seating.settle(event_id)

    async def list(
        self,
        actor: Actor,
        event_id: UUID,
        wanted: WaitlistFilter,
        request: PageRequest[WaitlistSort],
    ) -> Page[WaitlistEntry]:
        """Return who waits: for the organizer and staff everybody, for others themselves."""
        sale, now = await self._on_sale(actor, event_id), self.clock()
        narrowed = policy.narrow_waitlist(actor, sale.event, wanted)
        page = await self.entries.matching(narrowed, request)
        return Page([as_of(one, now) for one in page.items], page.next_cursor, page.total)

    async def _on_sale(self, actor: Actor, event_id: UUID) -> Sale:
        sale = await self.event_bookings.on_sale(event_id, actor.user_id, now=self.clock())
        if sale is None or not policy.can_see_on_sale(actor, sale.event):
            raise EventNotFound
        return sale

    async def _get(self, entry_id: UUID) -> WaitlistEntry:
        entry = await self.entries.get(entry_id)
        assert entry is not None
        return entry
