"""Weekly hours: how they are given, how they are kept, and what is wrong with some."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from app.core.errors import Invalid
from app.domain.providers import Schedule

DAY: Final = 1440  # minutes
WEEK: Final = 7 * DAY
ZONES_SPAN: Final = timedelta(days=1)  # by which the date somewhere may be ahead of UTC's


class EmptyWindow(Invalid):
    """A window ends when it starts; for a whole day give 00:00 and 24:00."""


class OverlappingWindows(Invalid):
    """Two windows of the week overlap."""


@dataclass(frozen=True, slots=True)
class Window:
    """Wall time of one weekday (Monday 0), in minutes from midnight.

    An end before the start, or past 1440, lies on the next day.
    """

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class WorkingWeek:
    """A provider's hours from a day on; a provider who never gave any has none."""

    timezone: str
    windows: Sequence[Window]
    effective_from: date | None

    @classmethod
    def of(cls, schedule: Schedule) -> "WorkingWeek":
        windows = [Window(*window) for window in schedule.weekly]
        return cls(schedule.timezone, windows, schedule.effective_from)


def weekly(windows: Sequence[Window]) -> list[list[int]]:
    """Return windows as they are kept: `[weekday, start, end]` in order, every end after its start.

    Refuses windows that are empty or overlap, also over midnight and from Sunday to Monday.
    """
    kept = [
        [window.weekday, window.start, _end(window, f"#/weekly/{index}/end")]
        for index, window in enumerate(windows)
    ]
    _ensure_apart(kept)
    return sorted(kept)


def _end(window: Window, pointer: str) -> int:
    if window.end == window.start:
        raise EmptyWindow().at(pointer)
    return window.end if window.end > window.start else window.end + DAY


def _ensure_apart(kept: list[list[int]]) -> None:
    spans = sorted(
        (weekday * DAY + start, weekday * DAY + end, index)
        for index, (weekday, start, end) in enumerate(kept)
    )
    again = [(begins + WEEK, ends + WEEK, index) for begins, ends, index in spans[:1]]
    for (_, ends, one), (begins, _, other) in pairwise(spans + again):
        if begins < ends:
            raise OverlappingWindows().at(f"#/weekly/{max(one, other)}")
