"""Weekly hours as the API shows them."""

from datetime import date
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.schedules import DAY, Window, WorkingWeek
from app.schemas.base import Day, Request, Whole, Zone

Start = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
End = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", examples=["17:00"])]
Weekday = Annotated[Whole, Field(ge=0, le=6, examples=[0])]


class WindowGiven(Request):
    """Wall time of the provider's zone; an end before the start lies on the next day."""

    weekday: Weekday
    """Monday is 0."""
    start: Start
    end: End

    def window(self) -> Window:
        return Window(self.weekday, minutes(self.start), minutes(self.end))


class SchedulePut(Request):
    timezone: Zone
    weekly: Annotated[list[WindowGiven], Field(max_length=100)]
    """Several windows a day, if wanted; none at all: no hours."""
    effective_from: Day | None = None
    """The first day on which these hours hold; today in `timezone` by default."""

    def windows(self) -> list[Window]:
        return [given.window() for given in self.weekly]


class WindowRead(TypedDict):
    weekday: Annotated[int, Field(examples=[0])]
    start: Annotated[str, Field(examples=["09:00"])]
    end: Annotated[str, Field(examples=["17:00"])]


class ScheduleRead(TypedDict):
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])]
    weekly: list[WindowRead]
    effective_from: Annotated[date | None, Field(examples=["2030-03-04"])]


def schedule_read(week: WorkingWeek) -> ScheduleRead:
    return {
        "timezone": week.timezone,
        "weekly": [window_read(window) for window in week.windows],
        "effective_from": week.effective_from,
    }


def window_read(window: Window) -> WindowRead:
    return {
        "weekday": window.weekday,
        "start": shown(window.start),
        "end": shown(window.end),
    }


def minutes(clock: str) -> int:
    """Return what a clock shows in minutes from midnight."""
    return int(clock[:2]) * 60 + int(clock[3:])


def shown(after_midnight: int) -> str:
    """Return what a clock shows then, up to 24:00; past that it is the next day's."""
    hours, rest = divmod(after_midnight if after_midnight <= DAY else after_midnight - DAY, 60)
    return f"{hours:02}:{rest:02}"
