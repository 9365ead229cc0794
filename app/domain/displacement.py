"""Whether what was booked within the hours still lies there, once these change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Self
from uuid import UUID

from app.domain.hours import DAY, Hours, Windows, replaced_days
from app.domain.providers import Schedule
from app.domain.walltime import Span

NEAR: Final = 3 * DAY
"""By how much the windows of a day may reach beyond that day in UTC, wherever they are."""


@dataclass(frozen=True, slots=True)
class Stay:
    """When somebody is to be with a provider, in seconds; buffers are not counted."""

    provider_id: UUID
    span: Span


@dataclass(frozen=True, slots=True)
class Plan:
    """What a provider's hours are made of; dates are as they are kept, ISO 8601."""

    timezone: str
    schedules: tuple[Schedule, ...]
    overrides: Mapping[str, Windows]
    closures: Sequence[tuple[str, str]]

    @property
    def hours(self) -> Hours:
        return Hours(self.timezone, self.schedules, replaced_days(self.overrides, self.closures))

    def overridden(self, day: date, windows: Windows) -> Self:
        """Return it with other windows on a day, or with none."""
        return replace(self, overrides={**self.overrides, day.isoformat(): windows})

    def closed(self, first: date, last: date) -> Self:
        """Return it with nothing on the days from `first` to `last`."""
        closure = (first.isoformat(), last.isoformat())
        return replace(self, closures=[*self.closures, closure])


def displaces(before: Plan, after: Plan, spans: Iterable[Span]) -> bool:
    """Tell whether one of these was within the hours before and is not after."""
    old, new = before.hours, after.hours
    return any(holds(old, span) and not holds(new, span) for span in spans)


def holds(hours: Hours, span: Span) -> bool:
    """Tell whether all of it lies in the hours; from one window into the next will do."""
    here, ends = span
    for opens, closes in hours.opened_between(here, ends):
        if opens <= here < closes:
            here = closes
    return here >= ends
