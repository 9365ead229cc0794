"""Finding those who perform services."""

from uuid import UUID

from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.providers import ProviderFilter, ProviderItem, ProviderNotFound, ProviderSort
from app.policies import providers as policy
from app.repositories.providers import ProviderRepository


class ProviderService:
    def __init__(self, providers: ProviderRepository) -> None:
        self.providers = providers

    async def get(self, actor: Actor | None, provider_id: UUID) -> ProviderItem:
        provider = await self.providers.item(provider_id)
        if provider is None or not policy.can_see(actor, provider):
            raise ProviderNotFound
        return provider

    async def list(
        self, actor: Actor | None, wanted: ProviderFilter, request: PageRequest[ProviderSort]
    ) -> Page[ProviderItem]:
        return await self.providers.matching(policy.narrow(actor, wanted), request)
