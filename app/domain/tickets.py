"""The vocabulary of tickets: one seat of a booking each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.core.errors import Conflict, NotFound
from app.core.money import Money
from app.domain.booking_items import BookingItem
from app.domain.events import EventStatus


class TicketStatus(StrEnum):
    """`held` while its booking waits for payment: no code is shown, and none is let in."""

    HELD = "held"
    VALID = "valid"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"


class TicketSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


GOOD: Final = (TicketStatus.VALID, TicketStatus.CHECKED_IN)
"""What has a code."""


@dataclass(frozen=True, slots=True)
class Ticket:
    id: UUID
    booking_id: UUID
    event_id: UUID
    ticket_type_id: UUID
    status: TicketStatus
    attendee_name: str | None
    attendee_email: str | None
    code_version: int
    checked_in_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NamedTicket(Ticket):
    """A ticket with the name of its type."""

    ticket_type: str


@dataclass(frozen=True, slots=True)
class TicketAtEvent(NamedTicket):
    """A ticket with when and where it lets somebody in; `items` are those of its booking."""

    title: str
    event_status: EventStatus
    starts_at: datetime
    ends_at: datetime
    timezone: str
    location: str | None
    customer_id: UUID
    items: list[list[Any]]
    price_currency: str

    @property
    def price(self) -> Money:
        """Return what was asked for it when it was booked; nothing is kept of a returned one."""
        for item in (BookingItem(*one) for one in self.items):
            if item.ticket_type_id == str(self.ticket_type_id):
                off = item.discount_of_one(self.price_currency)
                return Money(item.unit_amount - off, self.price_currency)
        return Money(0, self.price_currency)


class ShownTicket(NamedTuple):
    """A ticket with its code, where there is one and who looks may know it."""

    ticket: NamedTicket
    code: str | None


@dataclass(frozen=True, slots=True)
class TicketFilter:
    """Whose tickets to list."""

    booking_id: UUID


class TicketNotFound(NotFound):
    """There is no such ticket."""


class TicketCancelled(Conflict):
    """This ticket is cancelled."""
