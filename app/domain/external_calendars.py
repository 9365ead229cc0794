"""The vocabulary of calendars elsewhere that keep a provider busy."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from app.core.errors import Conflict, NotFound
from app.core.messages import Message

MOST_CALENDARS: Final = 10
LARGEST: Final = 2 << 20  # bytes of a file, unpacked
LONGEST_FAILURE: Final = 300
DAY: Final = timedelta(days=1)
AHEAD: Final = 732 * DAY
"""As far as anything can be booked, and a little for zones and the day until it is read anew."""


class ExternalCalendarSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class ExternalCalendar:
    """`url` may hold a secret: it is the provider's own business, and in no log.

    `etag` is what the address said of the file that was read last.
    """

    id: UUID
    provider_id: UUID
    name: str
    url: str = field(repr=False)
    etag: str | None = field(repr=False)
    created_at: datetime
    fetched_at: datetime | None
    failed_at: datetime | None
    failure: str | None

    @property
    def masked_url(self) -> str:
        """Return what may be told to others of where it is."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname}/…"

    def known(self, now: datetime) -> str | None:
        """Return the ETag to ask with; None once a day, as then there is one more day ahead."""
        is_todays = self.fetched_at is not None and self.fetched_at.date() == now.date()
        return self.etag if is_todays else None


def ahead(now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when events matter: the same all day, so that nothing changes idly."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - DAY, today + AHEAD


@dataclass(frozen=True, slots=True)
class ExternalCalendarFilter:
    provider_id: UUID


@dataclass(frozen=True, slots=True)
class CalendarRefreshWanted(Message):
    calendar_id: UUID


class ExternalCalendarNotFound(NotFound):
    """There is no such calendar of this provider."""


class TooManyCalendars(Conflict):
    """A provider can have ten calendars elsewhere; delete one first."""
