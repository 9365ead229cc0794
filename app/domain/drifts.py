"""Appointments that the zones moved: their wall time is another instant than when they were made.

What was agreed is the wall time. Where a country changes its clocks after that, the instant that
is kept is no longer the one people will come at.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfoNotFoundError

from app.domain.walltime import epoch, instant, named, wall_time

MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Agreed:
    """When an appointment is: the wall time that was agreed, and the instant it was then."""

    id: UUID
    timezone: str
    starts_local: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Drift:
    """An appointment whose wall time is now at `means`; None where it is at no instant at all."""

    agreed: Agreed
    means: datetime | None


@dataclass(frozen=True, slots=True)
class Drifts:
    """How many there are, and the first of them."""

    count: int
    first: list[Drift]


def drift(agreed: Agreed) -> Drift | None:
    """Return what became of it, None where nothing did: also for both of a time there is twice."""
    try:
        if wall_time(agreed.starts_at, agreed.timezone) == agreed.starts_local:
            return None
        means = named(agreed.starts_local, agreed.timezone)
    except ZoneInfoNotFoundError:
        return Drift(agreed, None)
    was = epoch(agreed.starts_at)
    nearest = min(means, key=lambda second: abs(second - was), default=None)
    return Drift(agreed, None if nearest is None else instant(nearest))
