"""When a provider works: weekly hours, what replaces them on a date, and when they are away.

A date that is replaced, by an override or by a closure, has the windows given for it and no
others: what runs into it from the evening before ends at its midnight. A closure is stronger than
an override. A window belongs to the day on which it begins.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from app.domain.providers import Schedule
from app.domain.walltime import Span, instants, local_date

MIDNIGHT: Final = 1440  # minutes
DAY: Final = timedelta(days=1)
NEVER: Final = UUID(int=0)
Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """`schedules` are in the order of their `effective_from`; `replaced` are dates with windows of
    their own, `away` seconds at which nobody is there, merged and in order.
    """

    timezone: str
    schedules: tuple[Schedule, ...]
    replaced: Mapping[date, Windows] = field(default_factory=dict)
    away: Sequence[Span] = ()

    def opened_between(self, since: int, until: int) -> list[Span]:
        """Return the windows that may matter to starts in `[since, until)`, in order.

        Time away is not taken out of them: the grid begins where a window begins, whether
        anybody is there or not.
        """
        found: list[Span] = []
        for schedule, first, last in self._eras(since, until):
            if self.replaced:
                for day in _days(first, last):
                    found += self._opened(schedule, day)
            else:
                found += _weeks(schedule, first, last)
        return sorted(found)

    def _eras(self, since: int, until: int) -> Iterator[tuple[Schedule, date, date]]:
        """Yield each schedule with the first and the last day on which it matters."""
        eras = self.schedules
        if self.replaced:  # a date may have hours before there is any schedule
            eras = (Schedule(NEVER, NEVER, self.timezone, date.min, []), *eras)
        for index, schedule in enumerate(eras):
            first = max(local_date(since, schedule.timezone) - 2 * DAY, schedule.effective_from)
            last = local_date(until, schedule.timezone) + 2 * DAY
            if index + 1 < len(eras):
                if eras[index + 1].effective_from <= first:
                    continue
                last = min(last, eras[index + 1].effective_from - DAY)
            yield schedule, first, last

    def _opened(self, schedule: Schedule, day: date) -> tuple[Span, ...]:
        windows = self.replaced.get(day)
        cut = day + DAY in self.replaced
        if windows is None and not cut:
            return _weekly(schedule, day)
        if windows is None:
            windows = _windows(schedule, day)
        return tuple(
            span
            for start, end in windows
            for span in instants(day, start, min(end, MIDNIGHT) if cut else end, schedule.timezone)
        )


def _windows(schedule: Schedule, day: date) -> Windows:
    weekday = day.weekday()
    return tuple((start, end) for of_day, start, end in schedule.weekly if of_day == weekday)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


@lru_cache(maxsize=4_096)
def _weeks(schedule: Schedule, first: date, last: date) -> tuple[Span, ...]:
    """Return what is open from the first day to the last: many ask for the same days."""
    return tuple(span for day in _days(first, last) for span in _weekly(schedule, day))


@lru_cache(maxsize=65_536)
def _weekly(schedule: Schedule, day: date) -> tuple[Span, ...]:
    return tuple(
        span
        for start, end in _windows(schedule, day)
        for span in instants(day, start, end, schedule.timezone)
    )


def replaced_days(
    overrides: Mapping[str, Sequence[Sequence[int]]] | None,
    closures: Sequence[Sequence[str]] | None,
) -> dict[date, Windows]:
    """Return the windows of each date that is replaced, as they are kept: ISO dates, minutes."""
    found: dict[date, Windows] = {
        date.fromisoformat(day): tuple((start, end) for start, end in windows)
        for day, windows in (overrides or {}).items()
    }
    for first, last in closures or ():
        day, end = date.fromisoformat(first), date.fromisoformat(last)
        while day <= end:
            found[day] = ()
            day += DAY
    return found
