"""The vocabulary of days on which the whole business is closed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Invalid, NotFound

LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Closure:
    """Days on which nobody can be booked, for every provider in their own zone."""

    id: UUID
    first_day: date
    last_day: date
    name: str
    created_at: datetime


class ClosureSort(StrEnum):
    FIRST = "first_day"
    LAST = "-first_day"


@dataclass(frozen=True, slots=True)
class ClosureFilter:
    """Which to list, as far as they reach into some days; None means any."""

    from_day: date | None = None
    to_day: date | None = None


class ClosureNotFound(NotFound):
    """There is no such closure."""


class ClosureOutOfOrder(Invalid):
    """The last day is not before the first, nor a year after it."""

    pointer = "#/last_day"


def ensure_in_order(first_day: date, last_day: date) -> None:
    if not timedelta() <= last_day - first_day < LONGEST:
        raise ClosureOutOfOrder
