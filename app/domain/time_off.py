"""The vocabulary of being away."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class TimeOff:
    """A provider is away; why is told to nobody but them and those who look after them."""

    id: UUID
    provider_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str | None
    created_at: datetime


class TimeOffSort(StrEnum):
    SOONEST = "starts_at"
    LATEST = "-starts_at"


@dataclass(frozen=True, slots=True)
class TimeOffFilter:
    """Whose to list, as far as it reaches into a time; None means any."""

    provider_id: UUID
    since: datetime | None = None
    until: datetime | None = None


class TimeOffNotFound(NotFound):
    """There is no such time off."""


class EndsBeforeItStarts(Invalid):
    """It has to end after it starts."""

    pointer = "#/ends_at"


def ensure_in_order(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise EndsBeforeItStarts
