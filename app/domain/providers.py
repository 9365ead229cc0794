"""The vocabulary of those who perform services."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import NotFound


class ProviderStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    INACTIVE = "inactive"


class ProviderNotFound(NotFound):
    """There is no such provider."""


@dataclass(frozen=True, slots=True)
class Provider:
    id: UUID
    user_id: UUID
    name: str
    bio: str | None
    timezone: str
    location: str | None
    latitude: float | None
    longitude: float | None
    photo_url: str | None
    status: ProviderStatus
    rating_average: float
    rating_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly hours from `effective_from` on, in wall time of `timezone`.

    `weekly`: `(weekday, start, end)`, Monday 0, minutes from midnight; an end past 1440 lies on
    the next day. An id stands for one unchanging version.
    """

    id: UUID
    provider_id: UUID
    timezone: str
    effective_from: date
    weekly: list[list[int]]
