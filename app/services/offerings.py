"""Offering what can be booked, and finding it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.bookings import HasBookings
from app.domain.offerings import (
    CatalogEntry,
    CatalogItem,
    Offering,
    OfferingFilter,
    OfferingNotFound,
    OfferingSort,
    OwnPricesStand,
    PaymentTerms,
    changed,
    offered,
)
from app.domain.staffing import NamedProvider, Staffing, performances
from app.policies import offerings as policy
from app.repositories.hours import HoursRepository
from app.repositories.offerings import OfferingRepository
from app.repositories.providers import ProviderRepository
from app.services.audit import AuditService


class OfferingService:
    def __init__(
        self,
        offerings: OfferingRepository,
        providers: ProviderRepository,
        hours: HoursRepository,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.offerings = offerings
        self.providers = providers
        self.hours = hours
        self.audit = audit
        self.clock = clock

    async def get(self, actor: Actor | None, offering_id: UUID) -> CatalogItem:
        return _visible(actor, await self.offerings.item(offering_id))

    async def create(self, actor: Actor, given: Mapping[str, Any]) -> CatalogItem:
        """Offer a service; a provider who does performs it."""
        provider = await self.providers.get(actor.provider_id) if actor.provider_id else None
        policy.ensure_can_offer(actor, provider)
        offering = offered(given, owner_id=actor.user_id, now=self.clock())
        await self.offerings.add(offering, performer_id=actor.provider_id)
        await self.audit.note(actor, "service.created", ("service", offering.id), after=offering)
        return await self.get(actor, offering.id)

    async def lock(self, actor: Actor, offering_id: UUID) -> CatalogItem:
        """Return what the actor may change, locked until the transaction ends."""
        offering = _visible(actor, await self.offerings.lock(offering_id))
        policy.ensure_can_change(actor, offering)
        return offering

    async def change(
        self, actor: Actor, current: CatalogItem, given: Mapping[str, Any]
    ) -> CatalogItem:
        """Change what `lock` returned; refuse what would give own prices another meaning."""
        new = changed(current, given, now=self.clock())
        if new is current:
            return current
        if _reprices(current, new):
            await self._ensure_no_own_prices(current)
        await self.offerings.change(new)
        terms = await self.offerings.performances(current.id)
        await self.hours.changed_of(sorted(one.provider_id for one in terms))
        await self.audit.note(
            actor, "service.changed", ("service", current.id), before=current, after=new
        )
        return await self.get(actor, current.id)

    async def staff(
        self, actor: Actor, current: CatalogItem, named: Sequence[NamedProvider]
    ) -> CatalogItem:
        """Let these providers perform what `lock` returned, and nobody else.

        A provider who is no administrator speaks for themselves alone: others stay as they are.
        """
        ids = [one.provider_id for one in named]
        policy.ensure_can_name(actor, ids)
        terms = list(performances(current, named, known=await self.providers.known(ids)))
        before = Staffing.of(await self.offerings.performances(current.id))
        named_before = {one.provider_id for one in before.providers}
        theirs = named_before if policy.manages(actor) else named_before & {actor.provider_id}
        await self.offerings.stop(current.id, sorted(theirs.difference(ids)))
        await self.offerings.perform(current.id, terms)
        await self.offerings.change(replace(current, updated_at=self.clock()))
        after = Staffing.of(await self.offerings.performances(current.id))
        if after != before:
            await self.hours.changed_of(sorted(before.differing(after)))
            await self.audit.note(
                actor, "service.staffed", ("service", current.id), before=before, after=after
            )
        return await self.get(actor, current.id)

    async def remove(self, actor: Actor, current: CatalogItem) -> None:
        """Delete what `lock` returned; refuse if it was ever booked."""
        try:
            await self.offerings.remove(current.id)
        except HasBookings as refusal:
            raise HasBookings("It was booked before; archive it instead.") from refusal
        await self.audit.note(actor, "service.removed", ("service", current.id), before=current)

    async def list(
        self,
        actor: Actor | None,
        wanted: OfferingFilter,
        request: PageRequest[OfferingSort],
        *,
        mine: bool = False,
    ) -> Page[CatalogEntry]:
        return await self.offerings.matching(policy.narrow(actor, wanted, mine=mine), request)

    async def _ensure_no_own_prices(self, offering: Offering) -> None:
        terms = await self.offerings.performances(offering.id)
        if any(one.price_amount is not None for one in terms):
            raise OwnPricesStand


def _visible(actor: Actor | None, offering: CatalogItem | None) -> CatalogItem:
    if offering is None or not policy.can_see(actor, offering):
        raise OfferingNotFound
    return offering


def _reprices(old: Offering, new: Offering) -> bool:
    """Tell whether a provider's own price would become money of another kind, or none."""
    return old.price_currency != new.price_currency or new.payment is PaymentTerms.FREE
