"""The vocabulary of dates with hours of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from uuid import UUID

from app.core.errors import NotFound
from app.domain.schedules import DAY, EmptyWindow, OverlappingWindows


@dataclass(frozen=True, slots=True)
class Override:
    """A date whose windows replace those of its weekday; without any it is closed.

    `windows`: `[start, end]` in minutes from midnight, in order; an end past 1440 lies on the
    next day.
    """

    id: UUID
    provider_id: UUID
    day: date
    windows: list[list[int]]
    created_at: datetime


class OverrideSort(StrEnum):
    FIRST = "date"
    LAST = "-date"


@dataclass(frozen=True, slots=True)
class OverrideFilter:
    """Whose to list; None means any day."""

    provider_id: UUID
    from_day: date | None = None
    to_day: date | None = None


class OverrideNotFound(NotFound):
    """There is no such override."""


def windows_of_a_day(given: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return windows as they are kept: in order, every end after its start.

    Refuses those that are empty or overlap; an end before its start lies on the next day.
    """
    kept = [[start, _end(start, end, index)] for index, (start, end) in enumerate(given)]
    spans = sorted((start, end, index) for index, (start, end) in enumerate(kept))
    for (_, ends, one), (begins, _, other) in pairwise(spans):
        if begins < ends:
            raise OverlappingWindows("Two windows of the day overlap.").at(
                f"#/windows/{max(one, other)}"
            )
    return sorted(kept)


def _end(start: int, end: int, index: int) -> int:
    if start == end:
        raise EmptyWindow().at(f"#/windows/{index}/end")
    return end if end > start else end + DAY
