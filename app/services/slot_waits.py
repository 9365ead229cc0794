"""Waiting for a time with a provider that is booked now."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.availability import Opening, Performer, nearest, widest_window
from app.domain.bookings import MOST_ALTERNATIVES, OutsideBookingWindow
from app.domain.offerings import Offering
from app.domain.schedules import ZONES_SPAN
from app.domain.slot_waits import (
    SlotOffered,
    SlotsAvailable,
    SlotWait,
    SlotWaitFilter,
    SlotWaitSort,
    TimeFreed,
    as_of,
    ensure_days,
    offered,
    seconds_of,
)
from app.domain.waitlist import NotOnWaitlist, WaitlistStatus
from app.policies import slot_waits as policy
from app.repositories.jobs import JobRepository
from app.repositories.providers import ProviderRepository
from app.repositories.slot_waits import SlotWaitRepository
from app.services.availability import AvailabilityService
from app.services.hours import HoursService

MOST_AT_ONCE: Final = 100
"""So many in line are looked at each time: the next ones when some of these are served."""
DAY: Final = timedelta(days=1)


class SlotWaitService:
    """A time that came free is offered to the first in line whom it suits, and kept for them.

    What is kept is taken for everybody else, see `AvailabilityService.bookable`: they book it as
    always. See docs/decisions/0060-waiting-for-a-time.md.
    """

    def __init__(
        self,
        waits: SlotWaitRepository,
        providers: ProviderRepository,
        availability: AvailabilityService,
        hours: HoursService,
        jobs: JobRepository,
        clock: Clock,
        *,
        offer: timedelta,
    ) -> None:
        self.waits = waits
        self.providers = providers
        self.availability = availability
        self.hours = hours
        self.jobs = jobs
        self.clock = clock
        self.offer = offer

    async def join(
        self,
        actor: Actor,
        service_id: UUID,
        *,
        first: date,
        last: date,
        provider_id: UUID | None = None,
        windows: list[list[int]] | None = None,
    ) -> SlotWait:
        """Wait for a time on some days, with one provider or any; at some hours or any.

        Refused with SlotsAvailable, which names some, while there is one; with AlreadyWaiting,
        RangeTooLong, OutsideBookingWindow and OfferingNotFound.
        """
        ensure_days(first, last)
        now = self.clock()
        wait = SlotWait(
            id=new_id(),
            service_id=service_id,
            provider_id=provider_id,
            user_id=actor.user_id,
            first_day=first,
            last_day=last,
            windows=windows or None,
            status=WaitlistStatus.WAITING,
            offered_by=None,
            offer_starts_at=None,
            offer_blocked_from=None,
            offer_blocked_until=None,
            offer_expires_at=None,
            booking_id=None,
            created_at=now,
            updated_at=now,
        )
        offering, performers = await self._performers(wait, provider_id)
        soonest, farthest = widest_window(offering, performers, now=now)
        if last < (soonest - DAY).date() or (farthest + DAY).date() < first:
            raise OutsideBookingWindow
        suiting = await self._suiting(wait, offering, performers)
        if suiting:
            since = min(one.starts[0] for one in suiting)
            found = nearest(suiting, since, most=MOST_ALTERNATIVES)
            raise SlotsAvailable(alternatives=found)
        await self.waits.add(wait)
        return wait

    async def leave(self, actor: Actor, service_id: UUID) -> None:
        """Wait no longer; a time that was kept goes to the next. Refused with NotOnWaitlist."""
        left = await self.waits.leave(service_id, actor.user_id, now=self.clock())
        if left is None:
            raise NotOnWaitlist
        await self._freed(left)

    async def leave_all(self, user_id: UUID) -> None:
        """Let somebody who goes wait for nothing."""
        for left in await self.waits.forget(user_id):
            await self._freed(left)

    async def list(
        self,
        actor: Actor,
        service_id: UUID,
        wanted: SlotWaitFilter,
        request: PageRequest[SlotWaitSort],
    ) -> Page[SlotWait]:
        """Return who waits: for the service's owner and staff everybody, for others themselves."""
        now = self.clock()
        offering, _ = await self.availability.bookable(service_id, None, since=now, until=now)
        page = await self.waits.matching(policy.narrow(actor, offering, wanted), request)
        return Page([as_of(one, now) for one in page.items], page.next_cursor, page.total)

    async def look_everywhere(self) -> int:
        """Have looked for what came free; return with how many providers somebody waits.

        Who booked what they waited for is in line no longer, nor is who was offered it in vain.
        """
        now = self.clock()
        await self.waits.take(since=now - DAY, now=now)
        await self.waits.lapse(today=(now - DAY).date(), now=now)
        wanted = await self.waits.wanted_providers()
        for provider_id in wanted:
            await self.jobs.announce(TimeFreed(provider_id), dedupe=f"time-freed:{provider_id}")
        return len(wanted)

    async def offer_time_of(self, provider_id: UUID) -> None:
        """Offer a provider's free time to those who wait for it, in their order; safe to repeat."""
        today = (self.clock() - DAY).date()
        if not await self.waits.in_line(provider_id, today=today, most=1):
            return
        # Who books with them now is done, and can be seen; who comes then sees what is kept.
        provider = await self.providers.lock(provider_id)
        if provider is None:
            return
        await self.waits.lapse_of(provider_id, now=self.clock())
        has_offered = False
        for wait in await self.waits.in_line(provider_id, today=today, most=MOST_AT_ONCE):
            has_offered |= await self._offer(wait, provider_id)
        if has_offered:
            await self.hours.changed(provider_id)

    async def _offer(self, wait: SlotWait, provider_id: UUID) -> bool:
        offering, performers = await self._performers(wait, provider_id)
        if not performers:
            return False
        found = await self._between(wait, offering, performers)
        first = wait.first_of(found, performers[0].timezone)
        if first is None:
            return False
        made = offered(
            wait,
            provider_id,
            *first,
            buffers=(offering.buffer_before_minutes, offering.buffer_after_minutes),
            now=self.clock(),
            offer=self.offer,
        )
        if not await self.waits.offer(made):
            return False
        await self.jobs.announce(SlotOffered(wait.id))
        return True

    async def _performers(
        self, wait: SlotWait, provider_id: UUID | None
    ) -> tuple[Offering, Sequence[Performer]]:
        return await self.availability.bookable(
            wait.service_id,
            provider_id,
            since=datetime.combine(wait.first_day, time(), UTC) - ZONES_SPAN,
            until=datetime.combine(wait.last_day, time(), UTC) + 2 * ZONES_SPAN,
            for_user=wait.user_id,
        )

    async def _between(
        self, wait: SlotWait, offering: Offering, performers: Sequence[Performer]
    ) -> Sequence[Opening]:
        since, until = seconds_of(wait, performers[0].timezone)
        return await self.availability.between(offering, performers, since=since, until=until)

    async def _suiting(
        self, wait: SlotWait, offering: Offering, performers: Sequence[Performer]
    ) -> Sequence[Opening]:
        """Return what is free now and suits, each provider's by their own clock."""
        suiting = []
        for performer in performers:
            for one in await self._between(wait, offering, [performer]):
                starts = [at for at in one.starts if wait.suits(at, performer.timezone)]
                suiting += [one._replace(starts=starts)] if starts else []
        return suiting

    async def _freed(self, wait: SlotWait) -> None:
        if wait.offered_by is not None:
            await self.jobs.announce(TimeFreed(wait.offered_by))
