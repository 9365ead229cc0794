"""The vocabulary of private addresses to subscribe to."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Forbidden, NotFound

PURPOSE: Final = "calendar-feed"
"""What tokens of feeds are derived for, see `Signer`."""
PAST_SHOWN: Final = timedelta(days=90)
CANCELLED_SHOWN: Final = timedelta(days=30)
"""How long what was cancelled is told as such, so that calendars take it out."""
MOST_SHOWN: Final = 2000


class FeedOf(StrEnum):
    """One's own bookings, or those with the provider one is."""

    BOOKINGS = "bookings"
    PROVIDER = "provider"


class FeedSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    id: UUID
    user_id: UUID
    provider_id: UUID | None
    created_at: datetime

    @property
    def of(self) -> FeedOf:
        return FeedOf.BOOKINGS if self.provider_id is None else FeedOf.PROVIDER


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """A feed with what its address takes; whoever has the token reads the calendar."""

    feed: CalendarFeed
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FeedFilter:
    user_id: UUID


class CalendarFeedNotFound(NotFound):
    """There is no such calendar."""


class NotAProvider(Forbidden):
    """Only who performs services has bookings as a provider."""
