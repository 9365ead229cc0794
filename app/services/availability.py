"""Finding free times, and telling whether one is free."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.domain.availability import (
    MOST_DAYS,
    NOTHING,
    Demand,
    Opening,
    Performer,
    RangeTooLong,
    Slot,
    Taken,
    free,
    margin,
    nearest,
    shared,
)
from app.domain.bookings import MOST_ALTERNATIVES
from app.domain.offerings import Offering, OfferingNotFound
from app.domain.schedules import ZONES_SPAN
from app.domain.walltime import DAY, epoch, instant, midnight
from app.repositories.availability import AvailabilityRepository

LOOK_BACK_DAYS = 1
LOOK_AHEAD_DAYS = (1, 14)  # mostly there are enough within a day, and then these are the nearest
WEEK: Final = 8 * DAY  # and a day, for the zone


class AvailabilityService:
    def __init__(self, availability: AvailabilityRepository, clock: Clock) -> None:
        self.availability = availability
        self.clock = clock

    async def slots(
        self,
        offering_id: UUID,
        *,
        first: date,
        last: date,
        timezone: str | None = None,
        provider_id: UUID | None = None,
    ) -> tuple[str, list[Opening]]:
        """Return what is free and starts on the days from `first` to `last` in that zone.

        The zone is the first provider's unless one is named.
        """
        if not 0 <= (last - first).days < MOST_DAYS:
            raise RangeTooLong
        offering, performers = await self.bookable(
            offering_id,
            provider_id,
            since=datetime.combine(first, time(), UTC) - ZONES_SPAN,
            until=datetime.combine(last, time(), UTC) + 2 * ZONES_SPAN,
        )
        zone = timezone or (performers[0].timezone if performers else "UTC")
        since, until = midnight(first, zone), midnight(last + timedelta(days=1), zone)
        return zone, await self.between(offering, performers, since=since, until=until)

    async def bookable(
        self,
        offering_id: UUID,
        provider_id: UUID | None,
        *,
        since: datetime,
        until: datetime,
        for_user: UUID | None = None,
    ) -> tuple[Offering, list[Performer]]:
        """Return an active offering and who performs it; refuse what can't be booked at all.

        Their hours are known as far as they matter to starts in `[since, until)`; what was offered
        to others than `for_user`, who waited for it, is taken.
        """
        found = await self.availability.bookable(
            offering_id, provider_id, since=since, until=until, now=self.clock(), for_user=for_user
        )
        if found is None:
            raise OfferingNotFound
        return found

    async def between(
        self,
        offering: Offering,
        performers: Sequence[Performer],
        *,
        since: int,
        until: int,
        but: UUID | None = None,
    ) -> list[Opening]:
        """Return what is free and starts in `[since, until)`, seconds, in order.

        The booking `but` is not in its own way.
        """
        now = self.clock()
        if not performers or until <= since:
            return []
        room = WEEK if any(one.own.has_limits for one in performers) else margin(offering)
        taken = await self.availability.taken(
            [performer.provider_id for performer in performers],
            since=instant(since - room),
            until=instant(until + room),
            now=now,
            but=but,
        )
        found = []
        for performer in performers:
            demand = Demand.of(offering, performer, now=now)
            booked = taken.get(performer.provider_id, NOTHING)
            starts = free(performer, demand, booked, since=since, until=until)
            found.append(Opening((performer.provider_id,), demand.length, starts))
        return shared(found)

    async def offering(
        self,
        offering: Offering,
        performers: Sequence[Performer],
        starts_at: datetime,
        *,
        but: UUID | None = None,
    ) -> list[Performer]:
        """Return those whom the list would offer at this time if nobody had booked that time.

        Whether somebody has is decided by the insert, which can't be raced. Where there are limits
        their bookings are counted, and nobody else books with them until the transaction ends.
        """
        if starts_at.microsecond:
            return []
        limited = sorted(one.provider_id for one in performers if one.own.has_limits)
        counted: dict[UUID, Taken] = {}
        now, wanted = self.clock(), epoch(starts_at)
        if limited:
            await self.lock(limited)
            counted = await self.availability.taken(
                limited,
                since=instant(wanted - WEEK),
                until=instant(wanted + WEEK),
                now=now,
                but=but,
            )
        return [
            one
            for one in performers
            if free(
                one,
                Demand.of(offering, one, now=now),
                Taken(begun=counted.get(one.provider_id, NOTHING).begun),
                since=wanted,
                until=wanted + 1,
            )
        ]

    async def lock(self, provider_ids: Sequence[UUID]) -> None:
        """Let nobody else lock these providers, given in order, until the transaction ends."""
        await self.availability.lock(provider_ids)

    async def alternatives(
        self,
        offering: Offering,
        provider_id: UUID | None,
        starts_at: datetime,
        *,
        but: UUID | None = None,
    ) -> list[Slot]:
        """Return up to five free slots nearest to a time that is not free, in order."""
        wanted, (_, farthest) = epoch(starts_at), LOOK_AHEAD_DAYS
        offering, performers = await self.bookable(
            offering.id,
            provider_id,
            since=starts_at - timedelta(days=LOOK_BACK_DAYS),
            until=starts_at + timedelta(days=farthest),
        )
        for days in LOOK_AHEAD_DAYS:
            since, until = wanted - LOOK_BACK_DAYS * DAY, wanted + days * DAY
            near = await self.between(offering, performers, since=since, until=until, but=but)
            if sum(len(opening.starts) for opening in near) >= MOST_ALTERNATIVES:
                break
        return nearest(near, wanted, most=MOST_ALTERNATIVES)

    async def least_loaded(
        self, performers: Sequence[Performer], starts_at: datetime
    ) -> list[Performer]:
        """Return them with the fewest bookings that day first, of equals the longest idle."""
        if len(performers) < 2:
            return list(performers)
        day = timedelta(hours=12)
        load = await self.availability.load(
            [performer.provider_id for performer in performers],
            since=starts_at - day,
            until=starts_at + day,
        )
        never = (0, datetime.min.replace(tzinfo=starts_at.tzinfo))
        return sorted(
            performers,
            key=lambda performer: (
                *load.get(performer.provider_id, never),
                performer.provider_id.bytes,
            ),
        )
