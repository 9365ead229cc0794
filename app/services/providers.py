"""Finding those who perform services, and what they say of themselves."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.providers import (
    ProviderFilter,
    ProviderItem,
    ProviderNotFound,
    ProviderSort,
    changed,
)
from app.policies import providers as policy
from app.repositories.providers import ProviderRepository
from app.services.audit import AuditService
from app.services.free_days import FreeDayService


class ProviderService:
    def __init__(
        self,
        providers: ProviderRepository,
        free_days: FreeDayService,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.providers = providers
        self.free_days = free_days
        self.audit = audit
        self.clock = clock

    async def get(self, actor: Actor | None, provider_id: UUID) -> ProviderItem:
        provider = await self.providers.item(provider_id)
        if provider is None or not policy.can_see(actor, provider):
            raise ProviderNotFound
        return provider

    async def lock(self, actor: Actor, provider_id: UUID) -> ProviderItem:
        """Return whom the actor may change, locked until the transaction ends."""
        await self.providers.lock(provider_id)
        provider = await self.get(actor, provider_id)
        policy.ensure_can_change(actor, provider)
        return provider

    async def change(
        self, actor: Actor, current: ProviderItem, given: Mapping[str, Any]
    ) -> ProviderItem:
        """Change what `lock` returned; what is being booked with them is decided anew."""
        new = changed(current, given, now=self.clock())
        if new is not current:
            await self.providers.change(new)
            await self.audit.note(
                actor, "provider.changed", ("provider", new.id), before=current, after=new
            )
        return new

    async def list(
        self, actor: Actor | None, wanted: ProviderFilter, request: PageRequest[ProviderSort]
    ) -> Page[ProviderItem]:
        """Return a page of them; of who is free on a day it may be short and still lead on."""
        wanted, day = policy.narrow(actor, wanted), wanted.available_on
        if day is None:
            return await self.providers.matching(wanted, request)

        async def are_free(providers: Sequence[ProviderItem]) -> Sequence[bool]:
            asked = [provider.id for provider in providers]
            free = await self.free_days.free(asked, day, offering_id=wanted.service_id)
            return [provider_id in free for provider_id in asked]

        return await self.providers.sifted(wanted, request, are_free, today=self.clock().date())
