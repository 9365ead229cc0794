"""The vocabulary of waiting for seats at an event that is sold out."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, NotFound
from app.core.messages import Message


class WaitlistStatus(StrEnum):
    """`offered` until `offer_expires_at`; then `taken`, or `lapsed`; `left` by one's own will."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    LAPSED = "lapsed"
    LEFT = "left"


class WaitlistSort(StrEnum):
    """In the order in which they joined."""

    PLACE = "place"
    LAST = "-place"


ENTERED: Final = (WaitlistStatus.WAITING, WaitlistStatus.OFFERED)


@dataclass(frozen=True, slots=True)
class WaitlistEntry:
    """`place` is the order in which they joined; `position` how near they are now, from 1."""

    id: UUID
    event_id: UUID
    user_id: UUID
    seats: int
    place: int
    status: WaitlistStatus
    offer_expires_at: datetime | None
    booking_id: UUID | None
    created_at: datetime
    updated_at: datetime
    position: int | None


@dataclass(frozen=True, slots=True)
class WaitlistFilter:
    """Which entries to list; None means any."""

    event_id: UUID | None = None
    status: WaitlistStatus | None = None
    user_id: UUID | None = None


class NotOnWaitlist(NotFound):
    """You are not on this waitlist."""


class AlreadyWaiting(Conflict):
    """You are on this waitlist already."""


class SeatsAvailable(Conflict):
    """There are seats; nobody has to wait for one."""

    example = {"available": 3}


@dataclass(frozen=True, slots=True)
class SeatsOffered(Message):
    """Seats came free for somebody who waits."""

    entry_id: UUID


def as_of(entry: WaitlistEntry, now: datetime) -> WaitlistEntry:
    """Return it as it is at that moment: an offer whose time has passed has lapsed."""
    if entry.status is WaitlistStatus.OFFERED and _is_past(entry.offer_expires_at, now):
        return replace(entry, status=WaitlistStatus.LAPSED)
    return entry


def _is_past(expires: datetime | None, now: datetime) -> bool:
    return expires is not None and expires <= now
