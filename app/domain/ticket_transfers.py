"""The vocabulary of tickets that change hands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID, uuid5

from app.core.errors import Conflict
from app.core.messages import Message
from app.domain.bookings import InvalidTransition
from app.domain.events import EventStatus
from app.domain.tickets import TicketAtEvent, TicketStatus

MOST: Final = 20
"""How often a ticket changes hands: each time somebody may get a letter."""


class Attendee(NamedTuple):
    """Who comes; what isn't told of them is not known."""

    name: str | None
    email: str | None


class TransferredTooOften(Conflict):
    """This ticket has changed hands 20 times; it can't any more."""


@dataclass(frozen=True, slots=True)
class TicketHandedOver(Message):
    """A ticket is somebody else's, who is to have it. `handover_id` stands for this one time."""

    ticket_id: UUID
    handover_id: UUID


def handed_over(ticket_id: UUID, code_version: int) -> TicketHandedOver:
    """Return the message that a ticket has that version since it changed hands."""
    return TicketHandedOver(ticket_id, uuid5(ticket_id, str(code_version)))


def ensure_transferable(ticket: TicketAtEvent, *, now: datetime) -> None:
    """Refuse with InvalidTransition what nobody can come with, and with TransferredTooOften."""
    is_off = ticket.event_status is EventStatus.CANCELLED or now >= ticket.ends_at
    if is_off or ticket.status is not TicketStatus.VALID:
        raise InvalidTransition
    if ticket.code_version >= MOST:
        raise TransferredTooOften
