"""Providers as the API shows them."""

from datetime import date
from typing import Annotated, Any, NotRequired, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.places import FARTHEST_KM, NEAR_KM
from app.domain.providers import (
    Performed,
    ProviderFilter,
    ProviderItem,
    ProviderSort,
)
from app.schemas.base import (
    ABSENT,
    Day,
    Id,
    Line,
    Money,
    Rating,
    Request,
    SearchQuery,
    Text,
    Whole,
    changes,
    rating_read,
)
from app.schemas.offerings import CategoryGiven, Horizon, Minutes, Notice, Stars, id_or_slug
from app.schemas.photos import photo_url

Near = TypeVar("Near", float | None, ProviderSort | None)
SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
Bio = Annotated[Text, Field(max_length=2000, examples=["Twenty years of scissors."])]
Place = Annotated[Line, Field(min_length=1, max_length=300, examples=["12 Main Street, Berlin"])]
Latitude = Annotated[
    float, Field(ge=-90, le=90, strict=True, allow_inf_nan=False, examples=[52.52])
]
Longitude = Annotated[
    float, Field(ge=-180, le=180, strict=True, allow_inf_nan=False, examples=[13.405])
]


class ProviderUpdate(Request):
    """What is left out stays as it is; null takes it away."""

    bio: Bio | None = ABSENT
    location: Place | None = ABSENT
    latitude: Latitude | None = ABSENT
    """Degrees (WGS 84); with the longitude, or without both."""
    longitude: Longitude | None = ABSENT
    min_notice_minutes: Notice | None = ABSENT
    """How long before it starts a booking has to be made; the service's own holds if it is more."""
    max_horizon_days: Horizon | None = ABSENT
    """How far ahead they can be booked; the service's own holds if it is less."""
    slot_step_minutes: Minutes | None = ABSENT
    """How far apart the times are at which their bookings can start, instead of the service's."""
    max_per_day: Annotated[Whole, Field(ge=1, le=1000, examples=[8])] | None = ABSENT
    """How many bookings may begin on one day of theirs; null: as many as fit."""
    max_per_week: Annotated[Whole, Field(ge=1, le=5000, examples=[30])] | None = ABSENT
    """How many bookings may begin in one week of theirs, from Monday on."""

    def fields(self) -> dict[str, Any]:
        return changes(self)


class ProviderServiceRead(TypedDict):
    """What they can be booked for, at the price and in the time that hold for them."""

    id: Annotated[UUID, Field(examples=[SOME_ID])]
    name: Annotated[str, Field(examples=["Haircut"])]
    price: Money
    duration_minutes: Annotated[int, Field(examples=[45])]


class ProviderRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    user_id: Annotated[UUID, Field(examples=[SOME_ID])]
    name: Annotated[str, Field(examples=["Vera Barber"])]
    bio: Annotated[str | None, Field(examples=["Twenty years of scissors."])]
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])]
    location: Annotated[str | None, Field(examples=["12 Main Street, Berlin"])]
    latitude: Annotated[float | None, Field(examples=[52.52])]
    longitude: Annotated[float | None, Field(examples=[13.405])]
    min_notice_minutes: Annotated[int | None, Field(examples=[120])]
    max_horizon_days: Annotated[int | None, Field(examples=[30])]
    slot_step_minutes: Annotated[int | None, Field(examples=[15])]
    max_per_day: Annotated[int | None, Field(examples=[8])]
    max_per_week: Annotated[int | None, Field(examples=[None])]
    rating: Rating
    photo_url: Annotated[str | None, Field(examples=[None])]
    services: list[ProviderServiceRead]
    distance_km: NotRequired[Annotated[float, Field(examples=[1.25])]]
    """How far away, in a list of who is near a place."""


def provider_read(provider: ProviderItem) -> ProviderRead:
    shown: ProviderRead = {
        "id": provider.id,
        "user_id": provider.user_id,
        "name": provider.name,
        "bio": provider.bio,
        "timezone": provider.timezone,
        "location": provider.location,
        "latitude": provider.latitude,
        "longitude": provider.longitude,
        "min_notice_minutes": provider.own.min_notice_minutes,
        "max_horizon_days": provider.own.max_horizon_days,
        "slot_step_minutes": provider.own.slot_step_minutes,
        "max_per_day": provider.own.max_per_day,
        "max_per_week": provider.own.max_per_week,
        "rating": rating_read(provider.rating_average, provider.rating_count),
        "photo_url": photo_url(provider.photo_id),
        "services": [_service_read(service) for service in provider.services],
    }
    if provider.distance_km is not None:
        shown["distance_km"] = round(provider.distance_km, 2)
    return shown


def _service_read(service: Performed) -> ProviderServiceRead:
    return {
        "id": service.service_id,
        "name": service.name,
        "price": {"amount": service.price_amount, "currency": service.price_currency},
        "duration_minutes": service.duration_minutes,
    }


def _on_earth(value: str) -> str:
    latitude, longitude = _degrees(value)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError("A latitude is at most 90 degrees, a longitude 180.")
    return value


def _degrees(value: str) -> tuple[float, float]:
    latitude, longitude = value.split(",")
    return float(latitude), float(longitude)


NearGiven = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,15})?,-?[0-9]{1,3}(\.[0-9]{1,15})?$",
        examples=["52.52,13.405"],
    ),
    AfterValidator(_on_earth),
]


class ProviderQuery(SearchQuery):
    near: NearGiven | None = None
    """Who is near this place: its latitude and longitude in degrees (WGS 84)."""
    radius_km: (
        Annotated[float, Field(gt=0, le=FARTHEST_KM, allow_inf_nan=False, examples=[10])] | None
    ) = None
    """How near, with `near` alone; 25 by default."""
    available_on: Day | None = None
    """Who has a free time that day, in their own zone: for `service_id` if given, else for
    anything they perform. A page may be shorter than `limit` and still have a `next_cursor`: at
    most 512 providers are looked at for one."""
    sort: ProviderSort | None = None
    """By default the best match first where `q` is given, the nearest where `near` is, else by
    name."""
    service_id: Id | None = None
    """Who performs this service."""
    category: CategoryGiven | None = None
    """Who performs a service in this category (its id or slug), or in one below it."""
    rating_min: Stars | None = None

    @field_validator("radius_km", "sort")
    @classmethod
    def _distance_needs_a_place(cls, value: Near, info: ValidationInfo) -> Near:
        is_distance = info.field_name == "radius_km" or value == ProviderSort.NEAREST
        if value is not None and is_distance and info.data.get("near", "broken") is None:
            raise ValueError("Distances are from a place: give near.")
        return value

    @field_validator("available_on")
    @classmethod
    def _free_are_not_counted(cls, value: date | None, info: ValidationInfo) -> date | None:
        if value is not None and info.data.get("include_total"):
            raise ValueError("Who is free is not counted: leave out include_total.")
        return value

    def wanted(self) -> ProviderFilter:
        category_id, category_slug = id_or_slug(self.category)
        return ProviderFilter(
            q=self.q,
            service_id=self.service_id,
            category_id=category_id,
            category_slug=category_slug,
            rating_min=self.rating_min,
            available_on=self.available_on,
            **self._place(),
        )

    def _place(self) -> dict[str, Any]:
        if self.near is None:
            return {}
        latitude, longitude = _degrees(self.near)
        radius = NEAR_KM if self.radius_km is None else self.radius_km
        return {"latitude": latitude, "longitude": longitude, "radius_km": radius}

    def page(self) -> PageRequest[ProviderSort]:
        fallback = ProviderSort.NAME if self.near is None else ProviderSort.NEAREST
        if self.q:
            fallback = ProviderSort.RELEVANCE
        return PageRequest(self.sort or fallback, self.limit, self.cursor, self.include_total)
