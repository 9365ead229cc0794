"""What happens at the door of an event: who is let in, and what is refused."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Invalid
from app.domain.event_bookings import EventOnSale
from app.domain.events import EventNotBookable, EventStatus
from app.domain.tickets import TicketStatus

EARLIEST: Final = timedelta(days=31)
"""How long before the start a scan may have been made that is sent later."""
CLOCKS_DIFFER: Final = timedelta(minutes=5)
OPEN: Final = (EventStatus.PUBLISHED, EventStatus.COMPLETED)
"""Organizers let people in when they like, before the start and after the end too."""


class CheckInKind(StrEnum):
    IN = "in"
    UNDONE = "undone"


class CheckInSort(StrEnum):
    """In the order in which they were booked."""

    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class Scan:
    """A code that was read; a `nonce` stands for this one scan, however often it is sent.

    With `force` it was made where nobody could ask us, and somebody may have been let in twice.
    """

    code: str
    nonce: str | None = None
    force: bool = False
    scanned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DoorTicket:
    """A ticket as it is looked for at the door."""

    ticket_id: UUID
    booking_id: UUID
    attendee_name: str | None
    customer_name: str | None
    ticket_type: str
    status: TicketStatus
    checked_in_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckInFilter:
    """Which tickets of an event to list; None means any. `q` is looked for in names and e-mails."""

    event_id: UUID
    status: TicketStatus | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class TypeFigures:
    """How many tickets of a type are sold, and with how many of them somebody is in."""

    ticket_type_id: UUID
    name: str
    sold: int
    checked_in: int


class AlreadyCheckedIn(Conflict):
    """Somebody was let in with this ticket already."""

    example = {"checked_in_at": "2030-01-31T17:45:00Z"}


class CheckInUndone(Conflict):
    """This scan let somebody in and was undone; scan the ticket again."""


class WrongEvent(Invalid):
    """This ticket is for another event."""

    pointer = "#/code"


class TicketTransferred(Invalid):
    """This ticket has changed hands; only its new code is good."""

    pointer = "#/code"


class UnlikelyScan(Invalid):
    """A scan is made before it is sent, and at most 31 days before the event."""

    pointer = "#/scanned_at"


def ensure_open(event: EventOnSale) -> None:
    """Refuse with EventNotBookable what nobody comes to: a draft, and what was cancelled."""
    if event.status not in OPEN:
        raise EventNotBookable


def moment_of(scan: Scan, event: EventOnSale, *, now: datetime) -> datetime:
    """Return when it was made; refuse with UnlikelyScan what can't be."""
    if scan.scanned_at is None:
        return now
    if not event.starts_at - EARLIEST <= scan.scanned_at <= now + CLOCKS_DIFFER:
        raise UnlikelyScan
    return min(scan.scanned_at, now)
