"""Finding free times, and telling whether one is free."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from app.core.clock import Clock
from app.domain.availability import (
    MOST_DAYS,
    Demand,
    Performer,
    RangeTooLong,
    Slot,
    margin,
    opened_between,
    starts,
)
from app.domain.bookings import MOST_ALTERNATIVES
from app.domain.offerings import Offering, OfferingNotFound
from app.domain.walltime import DAY, Span, epoch, instant, midnight
from app.repositories.availability import AvailabilityRepository

LOOK_BACK_DAYS = 1
LOOK_AHEAD_DAYS = (1, 14)  # mostly there are enough within a day, and then these are the nearest
_instant = lru_cache(65_536)(instant)  # the same few thousand quarters of an hour, all day long


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
    ) -> tuple[str, list[Slot]]:
        """Return the slots that start on the days from `first` to `last` in that zone.

        The zone is the first provider's unless one is named.
        """
        if not 0 <= (last - first).days < MOST_DAYS:
            raise RangeTooLong
        offering, performers = await self.bookable(offering_id, provider_id)
        zone = timezone or (performers[0].timezone if performers else "UTC")
        since, until = midnight(first, zone), midnight(last + timedelta(days=1), zone)
        return zone, await self.between(offering, performers, since=since, until=until)

    async def bookable(
        self, offering_id: UUID, provider_id: UUID | None
    ) -> tuple[Offering, list[Performer]]:
        """Return an active offering and who performs it; refuse what can't be booked at all."""
        found = await self.availability.bookable(offering_id, provider_id)
        if found is None:
            raise OfferingNotFound
        return found

    async def between(
        self, offering: Offering, performers: Sequence[Performer], *, since: int, until: int
    ) -> list[Slot]:
        """Return the slots that start in `[since, until)`, seconds, in order."""
        now, room = self.clock(), margin(offering)
        if not performers or until <= since:
            return []
        busy = await self.availability.busy(
            [performer.provider_id for performer in performers],
            since=instant(since - room),
            until=instant(until + room),
            now=now,
        )
        found: defaultdict[Span, list[UUID]] = defaultdict(list)
        for performer in performers:
            demand = Demand.of(offering, performer, now=now)
            opened = opened_between(performer.schedules, since, until)
            taken = busy.get(performer.provider_id, [])
            for start in starts(opened, taken, demand, since=since, until=until):
                found[start, start + demand.length].append(performer.provider_id)
        return [
            Slot(_instant(start), _instant(end), tuple(provider_ids))
            for (start, end), provider_ids in sorted(found.items())
        ]

    async def alternatives(
        self, offering: Offering, performers: Sequence[Performer], starts_at: datetime
    ) -> list[Slot]:
        """Return up to five free slots nearest to a time that is not free, in order."""
        wanted = epoch(starts_at)
        for days in LOOK_AHEAD_DAYS:
            since, until = wanted - LOOK_BACK_DAYS * DAY, wanted + days * DAY
            near = await self.between(offering, performers, since=since, until=until)
            if len(near) >= MOST_ALTERNATIVES:
                break
        near.sort(key=lambda slot: abs(slot.starts_at - starts_at))
        return sorted(near[:MOST_ALTERNATIVES], key=lambda slot: slot.starts_at)

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
