"""What all that changes hours has to do: ask who is expected, and let bookings be decided anew."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.bookings import HasBookings
from app.domain.displacement import Plan, displaces
from app.domain.providers import Provider, ProviderNotFound
from app.domain.walltime import Span
from app.policies import providers as policy
from app.repositories.hours import HoursRepository
from app.repositories.providers import ProviderRepository


class HoursService:
    def __init__(self, hours: HoursRepository, providers: ProviderRepository, clock: Clock) -> None:
        self.hours = hours
        self.providers = providers
        self.clock = clock

    async def lock(self, actor: Actor, provider_id: UUID) -> Provider:
        """Return the provider locked, for the actor to change their hours.

        Who was booking them is done and can be seen; who comes now waits for the change.
        """
        provider = await self.providers.lock(provider_id)
        if provider is None or not policy.can_see(actor, provider):
            raise ProviderNotFound
        policy.ensure_can_set_hours(actor, provider)
        return provider

    async def ensure_nobody_expected(
        self, provider_id: UUID, starts_at: datetime, ends_at: datetime
    ) -> None:
        """Refuse with HasBookings if somebody is to be with a locked provider then."""
        if await self.hours.is_anybody_expected(
            provider_id, since=starts_at, until=ends_at, now=self.clock()
        ):
            raise HasBookings

    async def ensure_nobody_displaced(
        self,
        provider_id: UUID | None,
        first: date,
        last: date,
        change: Callable[[Plan], Plan],
    ) -> None:
        """Refuse with HasBookings if a booking would no longer lie within the hours.

        What is asked are the days from `first` to `last`, with a provider or, if None, with all
        of them; who is asked about is locked. What lay outside before is in nobody's way.
        """
        booked: defaultdict[UUID, list[Span]] = defaultdict(list)
        for stay in await self.hours.stays(provider_id, first=first, last=last, now=self.clock()):
            booked[stay.provider_id].append(stay.span)
        if not booked:
            return
        plans = await self.hours.plans(sorted(booked), first=first, last=last)
        if any(displaces(plan, change(plan), booked[id_]) for id_, plan in plans.items()):
            raise HasBookings

    async def lock_all(self) -> None:
        """As `lock`, for a change that is everybody's."""
        await self.hours.lock_all()

    async def changed(self, provider_id: UUID) -> None:
        """Let what is being booked with a locked provider be decided anew."""
        await self.hours.changed(provider_id)

    async def changed_of_all(self) -> None:
        await self.hours.changed_of_all()
