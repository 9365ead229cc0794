"""Setting weekly hours, and looking at them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.domain.actors import Actor
from app.domain.providers import Provider, ProviderNotFound, Schedule
from app.domain.schedules import ZONES_SPAN, Window, WorkingWeek, weekly
from app.domain.walltime import epoch, local_date
from app.policies import providers as policy
from app.repositories.providers import ProviderRepository
from app.repositories.schedules import ScheduleRepository
from app.services.audit import AuditService


class ScheduleService:
    def __init__(
        self,
        schedules: ScheduleRepository,
        providers: ProviderRepository,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.schedules = schedules
        self.providers = providers
        self.audit = audit
        self.clock = clock

    async def get(
        self, actor: Actor | None, provider_id: UUID, *, on: date | None = None
    ) -> WorkingWeek:
        """Return the hours that hold on a day; without one, on the day it is where they hold."""
        provider = _visible(actor, await self.providers.get(provider_id))
        return _week(provider, await self._holding(provider_id, on))

    async def lock(self, actor: Actor, provider_id: UUID) -> WorkingWeek:
        """Return the hours that hold today, the provider being locked for the actor to set them."""
        provider = _visible(actor, await self.providers.lock(provider_id))
        policy.ensure_can_set_hours(actor, provider)
        return _week(provider, await self._holding(provider_id))

    async def set(
        self,
        actor: Actor,
        provider_id: UUID,
        windows: Sequence[Window],
        *,
        timezone: str,
        effective_from: date | None = None,
    ) -> WorkingWeek:
        """Set the hours of a provider that `lock` locked, from a day on; by default today.

        A provider lives in the zone of the hours that hold.
        """
        now, kept = self.clock(), weekly(windows)
        begins = effective_from or local_date(epoch(now), timezone)
        schedule = Schedule(new_id(), provider_id, timezone, begins, kept)
        before, after = await self._holding(provider_id, begins), WorkingWeek.of(schedule)
        await self.schedules.put(schedule)
        await self._note(actor, provider_id, WorkingWeek.of(before) if before else None, after)
        if await self._holding(provider_id) == schedule:
            await self.providers.move(provider_id, timezone, now=now)
        return after

    async def _note(
        self, actor: Actor, provider_id: UUID, before: WorkingWeek | None, after: WorkingWeek
    ) -> None:
        """Write down what staff set for a provider, unless it held already."""
        if before != after:
            target = ("provider", provider_id)
            await self.audit.note(actor, "schedule.set", target, before=before, after=after)

    async def _holding(self, provider_id: UUID, on: date | None = None) -> Schedule | None:
        now = self.clock()
        until = on or now.date() + ZONES_SPAN
        for schedule in await self.schedules.latest(provider_id, until=until):
            if schedule.effective_from <= (on or local_date(epoch(now), schedule.timezone)):
                return schedule
        return None


def _visible(actor: Actor | None, provider: Provider | None) -> Provider:
    if provider is None or not policy.can_see(actor, provider):
        raise ProviderNotFound
    return provider


def _week(provider: Provider, schedule: Schedule | None) -> WorkingWeek:
    return WorkingWeek.of(schedule) if schedule else WorkingWeek(provider.timezone, (), None)
