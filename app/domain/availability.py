"""When an offering can be booked: one predicate, for the list of slots and for one booking.

Hours, busy times, notice, horizon and the grid go in, starts come out. What the list offers the
booking accepts, because both ask `starts`. All times are whole seconds since 1970.

The grid is anchored where a window of the provider begins, in the provider's own zone, and goes
on in elapsed time; so it is the same for every viewer, whatever their zone. A slot may run from
one window into another that touches it. Buffers may lie outside the hours; between two bookings
lie the first one's after and the second one's before.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice, pairwise
from typing import Final
from uuid import UUID

from app.core.errors import Invalid
from app.domain.offerings import Offering, Performance
from app.domain.providers import Schedule
from app.domain.walltime import DAY, Span, epoch, instants, local_date

MOST_DAYS: Final = 62
MINUTE: Final = 60


class RangeTooLong(Invalid):
    """Ask for at most 62 days at once, the last not before the first."""

    pointer = "#/to"


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked, and with whom."""

    starts_at: datetime
    ends_at: datetime
    provider_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Performer:
    """A provider who performs an offering, with their own terms and hours.

    `schedules` are in the order of their `effective_from`.
    """

    provider_id: UUID
    timezone: str
    terms: Performance
    schedules: tuple[Schedule, ...]

    def duration_minutes(self, offering: Offering) -> int:
        own = self.terms.duration_minutes
        return offering.duration_minutes if own is None else own

    def price_amount(self, offering: Offering) -> int:
        own = self.terms.price_amount
        return offering.price_amount if own is None else own


@dataclass(frozen=True, slots=True)
class Demand:
    """What is looked for, in seconds: how long, how far apart, from when, until when."""

    length: int
    step: int
    before: int
    after: int
    earliest: int
    latest: int

    @classmethod
    def of(cls, offering: Offering, performer: Performer, *, now: datetime) -> "Demand":
        soonest, farthest = window(offering, now=now)
        return cls(
            length=performer.duration_minutes(offering) * MINUTE,
            step=offering.slot_step_minutes * MINUTE,
            before=offering.buffer_before_minutes * MINUTE,
            after=offering.buffer_after_minutes * MINUTE,
            earliest=-int(-soonest.timestamp() // 1),  # rounded up
            latest=epoch(farthest),
        )


def window(offering: Offering, *, now: datetime) -> tuple[datetime, datetime]:
    """Return the first and the last moment at which a booking made now may start."""
    notice = timedelta(minutes=offering.min_notice_minutes)
    return now + notice, now + timedelta(days=offering.max_horizon_days)


def starts(
    opened: Sequence[Span], busy: Sequence[Span], demand: Demand, *, since: int, until: int
) -> list[int]:
    """Return every start in `[since, until)` that can be booked, in order and once.

    `opened` are windows in order, whole ones: reaching at least `demand.length` past `until`.
    `busy` is merged and in order.
    """
    since, until = max(since, demand.earliest), min(until, demand.latest + 1)
    covered, ends_of_busy = _merged(opened), [end for _, end in busy]
    found: list[int] = []
    for begins, ends in opened:
        closes = covered[bisect_right(covered, (begins, 1 << 62)) - 1][1]
        first = begins + max(0, _steps(since - begins, demand.step)) * demand.step
        last = min(ends - 1, until - 1, closes - demand.length)
        ahead = islice(busy, bisect_right(ends_of_busy, first - demand.before), None)
        found += _free(first, last, ahead, demand)
    # Windows overlap only where one schedule takes over from another during the night.
    overlapping = any(left[1] > right[0] for left, right in pairwise(opened))
    return sorted(set(found)) if overlapping else found


def _free(start: int, last: int, busy: Iterable[Span], demand: Demand) -> Iterator[int]:
    """Yield, in steps from `start` to `last`, where the time with its buffers is not busy.

    In stretches between what is busy, so that what lies free costs next to nothing.
    """
    for begins, ends in busy:
        if start > last:
            return
        stretch = range(start, min(last, begins - demand.length - demand.after) + 1, demand.step)
        yield from stretch
        start += len(stretch) * demand.step
        start += max(0, _steps(ends + demand.before - start, demand.step)) * demand.step
    yield from range(start, last + 1, demand.step)


def _steps(distance: int, step: int) -> int:
    return -(-distance // step)


def opened_between(schedules: Sequence[Schedule], since: int, until: int) -> list[Span]:
    """Return the windows of a provider that may matter to starts in `[since, until)`, in order."""
    found: list[Span] = []
    for index, schedule in enumerate(schedules):
        first = max(local_date(since, schedule.timezone) - _days(2), schedule.effective_from)
        last = local_date(until, schedule.timezone) + _days(2)
        if index + 1 < len(schedules):
            last = min(last, schedules[index + 1].effective_from - _days(1))
        day = first
        while day <= last:
            found.extend(_opened(schedule, day))
            day += _days(1)
    return sorted(found)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same seconds as few spans in order: what overlaps or touches becomes one."""
    return _merged(sorted(spans))


@lru_cache(maxsize=65_536)
def _opened(schedule: Schedule, day: date) -> tuple[Span, ...]:
    weekday = day.weekday()
    return tuple(
        span
        for of_day, start, end in schedule.weekly
        if of_day == weekday
        for span in instants(day, start, end, schedule.timezone)
    )


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for begins, ends in spans:
        if found and begins <= found[-1][1]:
            if ends > found[-1][1]:
                found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found


def _days(count: int) -> timedelta:
    return timedelta(days=count)


def margin(offering: Offering) -> int:
    """Return how many seconds beyond a range its busy times can matter."""
    minutes = offering.buffer_before_minutes + offering.buffer_after_minutes
    return 2 * DAY + minutes * MINUTE
