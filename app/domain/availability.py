"""When an offering can be booked: one predicate, for the list of slots and for one booking.

Hours, time away, busy times, notice, horizon, limits and the grid go in, starts come out. What
the list offers the booking accepts, because both ask `free`. All times are whole seconds since
1970.

The grid is anchored where a window of the provider begins, in the provider's own zone, and goes
on in elapsed time; so it is the same for every viewer, whatever their zone. A slot may run from
one window into another that touches it. Buffers may lie outside the hours and in time away;
between two bookings lie the first one's after and the second one's before.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID

from app.core.errors import Invalid
from app.domain.hours import Hours
from app.domain.offerings import Offering, Performance
from app.domain.providers import NO_TERMS, OwnTerms
from app.domain.walltime import DAY, Span, epoch, instant, local_date, midnight

MOST_DAYS: Final = 62
MINUTE: Final = 60
NEVER: Final = -(1 << 62)  # before every instant


class RangeTooLong(Invalid):
    """Ask for at most 62 days at once, the last not before the first."""

    pointer = "#/to"


class Opening(NamedTuple):
    """Times that are free with the same providers: how long each takes, and where they start.

    A list has thousands of them: so there is no object for each.
    """

    provider_ids: tuple[UUID, ...]
    length: int
    starts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that can be booked, and with whom."""

    starts_at: datetime
    ends_at: datetime
    provider_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What is booked with a provider, in seconds.

    `busy` is bookings with their buffers, merged and in order; `begun` is where each of them
    starts, as far as the limits of a day or a week ask for it.
    """

    busy: Sequence[Span] = ()
    begun: Sequence[int] = ()


NOTHING: Final = Taken()


@dataclass(frozen=True, slots=True)
class Performer:
    """A provider who performs an offering, with their own terms and hours.

    `hours_version` is that of all the rest but `terms`: a booking is made for what it was. `kept`
    is time, with buffers, that was offered to others; merged and in order, in seconds.
    """

    provider_id: UUID
    terms: Performance
    hours: Hours
    own: OwnTerms = NO_TERMS
    hours_version: int = 0
    kept: Sequence[Span] = ()

    @property
    def timezone(self) -> str:
        return self.hours.timezone

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
        soonest, farthest = window(offering, performer.own, now=now)
        return cls(
            length=performer.duration_minutes(offering) * MINUTE,
            step=(performer.own.slot_step_minutes or offering.slot_step_minutes) * MINUTE,
            before=offering.buffer_before_minutes * MINUTE,
            after=offering.buffer_after_minutes * MINUTE,
            earliest=-int(-soonest.timestamp() // 1),  # rounded up
            latest=epoch(farthest),
        )


def window(
    offering: Offering, own: OwnTerms = NO_TERMS, *, now: datetime
) -> tuple[datetime, datetime]:
    """Return the first and the last moment at which a booking made now may start.

    Of the offering's and the provider's terms the stricter hold.
    """
    notice = max(offering.min_notice_minutes, own.min_notice_minutes or 0)
    horizon = min(offering.max_horizon_days, own.max_horizon_days or offering.max_horizon_days)
    return now + timedelta(minutes=notice), now + timedelta(days=horizon)


def widest_window(
    offering: Offering, performers: Sequence[Performer], *, now: datetime
) -> tuple[datetime, datetime]:
    """Return the first and the last moment at which a booking with any of them may start."""
    if not performers:
        return window(offering, now=now)
    windows = [window(offering, performer.own, now=now) for performer in performers]
    return min(soonest for soonest, _ in windows), max(farthest for _, farthest in windows)


def free(
    performer: Performer, demand: Demand, taken: Taken, *, since: int, until: int
) -> list[int]:
    """Return every start in `[since, until)` at which the performer can be booked, in order."""
    opened = performer.hours.opened_between(since, until)
    busy = merged([*taken.busy, *performer.kept]) if performer.kept else taken.busy
    found = starts(opened, busy, demand, since=since, until=until)
    if not found:
        return found
    closed = [(begins - demand.length + 1, ends) for begins, ends in performer.hours.away]
    closed += _full(performer, taken.begun)
    return _outside(found, _merged(sorted(closed))) if closed else found


def _full(performer: Performer, begun: Sequence[int]) -> Iterator[Span]:
    """Yield the days and weeks of the provider's zone in which no booking may begin any more."""
    own, zone = performer.own, performer.timezone
    if own.max_per_day is None and own.max_per_week is None:
        return
    days = Counter(local_date(start, zone) for start in begun)
    for day, count in days.items():
        if own.max_per_day is not None and count >= own.max_per_day:
            yield midnight(day, zone), midnight(day + _days(1), zone)
    weeks: Counter[date] = Counter()
    for day, count in days.items():
        weeks[day - _days(day.weekday())] += count
    for monday, count in weeks.items():
        if own.max_per_week is not None and count >= own.max_per_week:
            yield midnight(monday, zone), midnight(monday + _days(7), zone)


def _outside(found: list[int], closed: Sequence[Span]) -> list[int]:
    """Return the starts that lie in none of these spans, which are merged and in order."""
    left, here = [], 0
    for begins, ends in closed:
        before = bisect_left(found, begins, here)
        left += found[here:before]
        here = bisect_left(found, ends, before)
    return left + found[here:]


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
        if ends <= since:
            continue
        if begins >= until:
            break
        closes = covered[bisect_right(covered, (begins, 1 << 62)) - 1][1]
        first = begins + max(0, _steps(since - begins, demand.step)) * demand.step
        last = min(ends - 1, until - 1, closes - demand.length)
        ahead = bisect_right(ends_of_busy, first - demand.before)
        beyond = bisect_left(busy, (last + demand.length + demand.after,), ahead)
        for stretch in _stretches(first, last, busy[ahead:beyond], demand):
            found += stretch
    # Windows overlap only where one schedule takes over from another during the night.
    overlapping = any(left[1] > right[0] for left, right in pairwise(opened))
    return sorted(set(found)) if overlapping else found


def _stretches(start: int, last: int, busy: Iterable[Span], demand: Demand) -> Iterator[range]:
    """Yield, in steps from `start` to `last`, where the time with its buffers is not busy.

    In stretches between what is busy, so that what lies free costs next to nothing.
    """
    for begins, ends in busy:
        if start > last:
            return
        stretch = range(start, min(last, begins - demand.length - demand.after) + 1, demand.step)
        yield stretch
        start += len(stretch) * demand.step
        start += max(0, _steps(ends + demand.before - start, demand.step)) * demand.step
    yield range(start, last + 1, demand.step)


def _steps(distance: int, step: int) -> int:
    return -(-distance // step)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same seconds as few spans in order: what overlaps or touches becomes one."""
    return _merged(sorted(spans))


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    until = NEVER
    for span in spans:
        begins, ends = span
        if begins > until:
            found.append(span)
            until = ends
        elif ends > until:
            found[-1] = (found[-1][0], ends)
            until = ends
    return found


def _days(count: int) -> timedelta:
    return timedelta(days=count)


def shared(found: Sequence[Opening]) -> list[Opening]:
    """Return what each provider has free as what is free, in order, and with whom."""
    if len(found) < 2:
        return [one for one in found if one.starts]
    whom: defaultdict[int, defaultdict[int, list[UUID]]]
    whom = defaultdict(lambda: defaultdict(list))
    for (provider_id,), length, starts in found:
        of_length = whom[length]
        for start in starts:
            of_length[start].append(provider_id)
    in_order = sorted((start, length) for length, starts in whom.items() for start in starts)
    return [Opening(tuple(whom[length][start]), length, (start,)) for start, length in in_order]


def nearest(found: Iterable[Opening], wanted: int, *, most: int) -> list[Slot]:
    """Return the few that start nearest to a time, in order."""
    near = sorted(
        (
            (start, start + length, provider_ids)
            for provider_ids, length, starts in found
            for start in starts
        ),
        key=lambda slot: abs(slot[0] - wanted),
    )
    return [
        Slot(instant(begins), instant(ends), provider_ids)
        for begins, ends, provider_ids in sorted(near[:most])
    ]


def margin(offering: Offering) -> int:
    """Return how many seconds beyond a range its busy times can matter."""
    minutes = offering.buffer_before_minutes + offering.buffer_after_minutes
    return 2 * DAY + minutes * MINUTE
