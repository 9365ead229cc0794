"""The vocabulary of calendar files (RFC 5545): what a booking is in somebody's calendar."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.bookings import BookingStatus


class EntryStatus(StrEnum):
    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


class Method(StrEnum):
    """What a file is for (RFC 5546): to be looked at, put into a calendar, or taken out of one."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


TAKES_PLACE: Final = frozenset(
    {BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW}
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking with who takes part in it, and where."""

    id: UUID
    status: BookingStatus
    title: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    sequence: int
    hold_expires_at: datetime | None
    notes: str | None
    customer_id: UUID
    customer_name: str | None
    provider_name: str | None
    location: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One VEVENT. Whenever it changes, `sequence` has gone up and `uid` is the same."""

    uid: str
    sequence: int
    status: EntryStatus
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str | None
    created_at: datetime
    changed_at: datetime

    @property
    def method(self) -> Method:
        """Return what a file with this entry alone is for, when nobody is asked to take part."""
        return Method.CANCEL if self.status is EntryStatus.CANCELLED else Method.PUBLISH


def for_customer(visit: Visit, *, host: str, now: datetime) -> Entry:
    """Return it as it stands in the customer's calendar: what, with whom, and their own notes."""
    return _entry(visit, visit.title, [visit.provider_name, visit.notes], host=host, now=now)


def for_seller(visit: Visit, *, host: str, now: datetime) -> Entry:
    """Return it as it stands in the calendar of who performs it: what, for whom, their notes."""
    summary = f"{visit.title}: {visit.customer_name}" if visit.customer_name else visit.title
    return _entry(visit, summary, [visit.customer_name, visit.notes], host=host, now=now)


def _entry(
    visit: Visit, summary: str, told: list[str | None], *, host: str, now: datetime
) -> Entry:
    return Entry(
        uid=f"{visit.id}@{host}",
        sequence=visit.sequence,
        status=_status(visit, now),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        summary=summary if visit.seats == 1 else f"{summary} × {visit.seats}",  # noqa: RUF001  # a sign of multiplication is meant
        description="\n\n".join(each for each in told if each),
        location=visit.location,
        created_at=visit.created_at,
        changed_at=visit.updated_at,
    )


def _status(visit: Visit, now: datetime) -> EntryStatus:
    if visit.status in TAKES_PLACE:
        return EntryStatus.CONFIRMED
    is_held = visit.hold_expires_at is None or visit.hold_expires_at > now
    if visit.status is BookingStatus.PENDING and is_held:
        return EntryStatus.TENTATIVE
    return EntryStatus.CANCELLED
