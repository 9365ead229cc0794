"""The vocabulary of those who perform services."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.core.errors import Invalid, NotFound


class ProviderStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    INACTIVE = "inactive"


class ProviderSort(StrEnum):
    """`relevance`: what is nearest to the words of a search first; `distance`: to a place."""

    RELEVANCE = "relevance"
    NAME = "name"
    NAME_DOWN = "-name"
    WORST = "rating"
    BEST = "-rating"
    NEAREST = "distance"


class ProviderNotFound(NotFound):
    """There is no such provider."""


class IncompletePlace(Invalid):
    """Give both a latitude and a longitude, or neither."""

    pointer = "#/longitude"


@dataclass(frozen=True, slots=True)
class OwnTerms:
    """A provider's own: None where the offering's hold, or where there is no limit.

    `max_per_day` and `max_per_week` count bookings that begin on a day, or in a week from Monday,
    of the provider's zone.
    """

    min_notice_minutes: int | None = None
    max_horizon_days: int | None = None
    slot_step_minutes: int | None = None
    max_per_day: int | None = None
    max_per_week: int | None = None

    @property
    def has_limits(self) -> bool:
        return self.max_per_day is not None or self.max_per_week is not None


NO_TERMS: Final = OwnTerms()


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
    photo_id: UUID | None
    status: ProviderStatus
    rating_average: float
    rating_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Weekly hours from `effective_from` on, in wall time of `timezone`.

    `weekly`: `(weekday, start, end)`, Monday 0, minutes from midnight; an end past 1440 lies on
    the next day. An id stands for one unchanging version, so that what follows from it may be
    cached by it.
    """

    id: UUID
    provider_id: UUID
    timezone: str
    effective_from: date
    weekly: list[list[int]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schedule) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class Performed:
    """An offering that a provider performs, at the price and in the time that hold for them."""

    service_id: UUID
    name: str
    price_amount: int
    price_currency: str
    duration_minutes: int


@dataclass(frozen=True, slots=True)
class ProviderItem(Provider):
    """A provider as the catalog shows them: with what they can be booked for."""

    services: list[Performed]
    own: OwnTerms = NO_TERMS
    distance_km: float | None = None


def changed(provider: ProviderItem, given: Mapping[str, Any], *, now: datetime) -> ProviderItem:
    """Return the provider with what is given put in its place; itself if that is all there.

    Refuses half a place on the map.
    """
    terms = {name: value for name, value in given.items() if name in OwnTerms.__slots__}
    told = {name: value for name, value in given.items() if name not in terms}
    new = replace(provider, **told, own=replace(provider.own, **terms))
    if (new.latitude is None) != (new.longitude is None):
        raise IncompletePlace
    return provider if new == provider else replace(new, updated_at=now)


@dataclass(frozen=True, slots=True)
class ProviderFilter:
    """Which providers to list; None means any. `category_id` and `category_slug` reach down.

    `available_on`: only who has a free time on that day of their own zone. Who is near: all three
    of `latitude`, `longitude` and `radius_km`, or none.
    """

    q: str | None = None
    service_id: UUID | None = None
    category_id: UUID | None = None
    category_slug: str | None = None
    rating_min: float | None = None
    available_on: date | None = None
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float | None = None
    status: ProviderStatus | None = None
