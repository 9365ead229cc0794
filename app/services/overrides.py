"""Other hours on a date."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.overrides import (
    Override,
    OverrideFilter,
    OverrideNotFound,
    OverrideSort,
    windows_of_a_day,
)
from app.repositories.overrides import OverrideRepository
from app.services.audit import AuditService
from app.services.hours import HoursService
from app.services.providers import ProviderService


class OverrideService:
    def __init__(
        self,
        overrides: OverrideRepository,
        hours: HoursService,
        providers: ProviderService,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.overrides = overrides
        self.hours = hours
        self.providers = providers
        self.audit = audit
        self.clock = clock

    async def put(
        self,
        actor: Actor,
        provider_id: UUID,
        day: date,
        given: Sequence[tuple[int, int]],
        *,
        force: bool,
    ) -> Override:
        """Give a date windows of its own, in place of those it has; none: it is closed.

        Refuse with HasBookings if bookings would lie outside them, unless they may.
        """
        await self.hours.lock(actor, provider_id)
        windows = windows_of_a_day(given)
        if not force:
            kept = tuple((start, end) for start, end in windows)
            await self.hours.ensure_nobody_displaced(
                provider_id, day, day, lambda plan: plan.overridden(day, kept)
            )
        before, after = await self.overrides.put(
            Override(new_id(), provider_id, day, windows, self.clock())
        )
        await self.hours.changed(provider_id)
        await self.audit.note(
            actor, "override.set", ("provider", provider_id), before=before, after=after
        )
        return after

    async def remove(self, actor: Actor, provider_id: UUID, override_id: UUID) -> None:
        """Let the weekly hours hold again; what is booked stays booked."""
        await self.hours.lock(actor, provider_id)
        removed = await self.overrides.remove(provider_id, override_id)
        if removed is None:
            raise OverrideNotFound
        await self.hours.changed(provider_id)
        await self.audit.note(actor, "override.removed", ("provider", provider_id), before=removed)

    async def list(
        self, actor: Actor | None, wanted: OverrideFilter, request: PageRequest[OverrideSort]
    ) -> Page[Override]:
        await self.providers.get(actor, wanted.provider_id)
        return await self.overrides.matching(wanted, request)
