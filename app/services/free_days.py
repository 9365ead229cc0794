"""Finding who has a free time on a day."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.domain.availability import NOTHING, Demand, Performer, Taken, free, margin
from app.domain.offerings import Offering
from app.domain.schedules import ZONES_SPAN
from app.domain.walltime import DAY, midnight
from app.repositories.availability import AvailabilityRepository
from app.repositories.free_days import FreeDayRepository

WEEK: Final = 8 * DAY  # and a day, for the zone


class FreeDayService:
    def __init__(
        self, days: FreeDayRepository, availability: AvailabilityRepository, clock: Clock
    ) -> None:
        self.days = days
        self.availability = availability
        self.clock = clock

    async def free(
        self, provider_ids: Sequence[UUID], day: date, *, offering_id: UUID | None = None
    ) -> set[UUID]:
        """Return those of the providers who can be booked on that day of their own zone.

        For anything they perform, or for the one offering. In three statements, however many
        they are, and by the predicate that the list of slots goes by.
        """
        now = self.clock()
        since = datetime.combine(day, time(), UTC) - ZONES_SPAN
        until = datetime.combine(day, time(), UTC) + 2 * ZONES_SPAN
        performing = await self.days.performing(provider_ids, offering_id, since=since, until=until)
        if not performing:
            return set()
        room = timedelta(seconds=max(_room(*one) for one in performing))
        taken = await self.availability.taken(
            list({performer.provider_id for _, performer in performing}),
            since=since - room,
            until=until + room,
            now=now,
        )
        found: set[UUID] = set()
        for offering, performer in performing:
            id_ = performer.provider_id
            booked = taken.get(id_, NOTHING)
            if id_ not in found and _is_free(offering, performer, booked, day, now=now):
                found.add(id_)
        return found


def _is_free(
    offering: Offering, performer: Performer, taken: Taken, day: date, *, now: datetime
) -> bool:
    since = midnight(day, performer.timezone)
    until = midnight(day + timedelta(days=1), performer.timezone)
    demand = Demand.of(offering, performer, now=now)
    return bool(free(performer, demand, taken, since=since, until=until))


def _room(offering: Offering, performer: Performer) -> int:
    return max(margin(offering), WEEK if performer.own.has_limits else 0)
