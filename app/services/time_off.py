"""Being away."""

from datetime import datetime
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.time_off import (
    TimeOff,
    TimeOffFilter,
    TimeOffNotFound,
    TimeOffSort,
    ensure_in_order,
)
from app.policies import providers as policy
from app.repositories.time_off import TimeOffRepository
from app.services.audit import AuditService
from app.services.hours import HoursService
from app.services.providers import ProviderService


class TimeOffService:
    def __init__(
        self,
        time_off: TimeOffRepository,
        hours: HoursService,
        providers: ProviderService,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.time_off = time_off
        self.hours = hours
        self.providers = providers
        self.audit = audit
        self.clock = clock

    async def take(
        self,
        actor: Actor,
        provider_id: UUID,
        *,
        starts_at: datetime,
        ends_at: datetime,
        reason: str | None,
        force: bool,
    ) -> TimeOff:
        """Be away; refuse with HasBookings if somebody is to come then, unless they may stay."""
        await self.hours.lock(actor, provider_id)
        ensure_in_order(starts_at, ends_at)
        if not force:
            await self.hours.ensure_nobody_expected(provider_id, starts_at, ends_at)
        taken = await self.time_off.put(
            TimeOff(new_id(), provider_id, starts_at, ends_at, reason, self.clock())
        )
        await self.hours.changed(provider_id)
        await self.audit.note(actor, "time_off.taken", ("provider", provider_id), after=taken)
        return taken

    async def remove(self, actor: Actor, provider_id: UUID, time_off_id: UUID) -> None:
        """Be there after all."""
        await self.hours.lock(actor, provider_id)
        removed = await self.time_off.remove(provider_id, time_off_id)
        if removed is None:
            raise TimeOffNotFound
        await self.hours.changed(provider_id)
        await self.audit.note(actor, "time_off.removed", ("provider", provider_id), before=removed)

    async def list(
        self, actor: Actor, wanted: TimeOffFilter, request: PageRequest[TimeOffSort]
    ) -> Page[TimeOff]:
        policy.ensure_can_see_time_off(actor, await self.providers.get(actor, wanted.provider_id))
        return await self.time_off.matching(wanted, request)
