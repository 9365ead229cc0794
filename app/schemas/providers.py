"""Providers as the API shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.providers import (
    Performed,
    ProviderFilter,
    ProviderItem,
    ProviderSort,
)
from app.schemas.base import Id, Money, Rating, SearchQuery, rating_read
from app.schemas.offerings import CategoryGiven, Stars, id_or_slug
from app.schemas.photos import photo_url

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


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
    rating: Rating
    photo_url: Annotated[str | None, Field(examples=[None])]
    services: list[ProviderServiceRead]


def provider_read(provider: ProviderItem) -> ProviderRead:
    return {
        "id": provider.id,
        "user_id": provider.user_id,
        "name": provider.name,
        "bio": provider.bio,
        "timezone": provider.timezone,
        "location": provider.location,
        "rating": rating_read(provider.rating_average, provider.rating_count),
        "photo_url": photo_url(provider.photo_id),
        "services": [_service_read(service) for service in provider.services],
    }


def _service_read(service: Performed) -> ProviderServiceRead:
    return {
        "id": service.service_id,
        "name": service.name,
        "price": {"amount": service.price_amount, "currency": service.price_currency},
        "duration_minutes": service.duration_minutes,
    }


class ProviderQuery(SearchQuery):
    sort: ProviderSort | None = None
    """By default the best match first where `q` is given, else by name."""
    service_id: Id | None = None
    """Who performs this service."""
    category: CategoryGiven | None = None
    """Who performs a service in this category (its id or slug), or in one below it."""
    rating_min: Stars | None = None

    def wanted(self) -> ProviderFilter:
        category_id, category_slug = id_or_slug(self.category)
        return ProviderFilter(
            q=self.q,
            service_id=self.service_id,
            category_id=category_id,
            category_slug=category_slug,
            rating_min=self.rating_min,
        )

    def page(self) -> PageRequest[ProviderSort]:
        fallback = ProviderSort.RELEVANCE if self.q else ProviderSort.NAME
        return PageRequest(self.sort or fallback, self.limit, self.cursor, self.include_total)
