"""The vocabulary of tickets: one seat of a booking each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import NotFound


class TicketStatus(StrEnum):
    """`held` while its booking waits for payment: no code is shown, and none is let in."""

    HELD = "held"
    VALID = "valid"
    CHECKED_IN = "checked_in"
    CANCELLED = "cancelled"


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


class TicketNotFound(NotFound):
    """There is no such ticket."""
