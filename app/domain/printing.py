"""What is printed: tickets, and the squares that are scanned at the door."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from app.core.errors import Invalid
from app.core.money import Money
from app.domain.ticket_codes import TicketSigner, short
from app.domain.tickets import TicketAtEvent

MOST_PAGES: Final = 100
SMALLEST_QR: Final = 100  # pixels; less would leave not even two for each dot
LARGEST_QR: Final = 2000


class TooManyPages(Invalid):
    """A document has a hundred tickets at the most."""


@dataclass(frozen=True, slots=True)
class PrintedTicket:
    """One page. `timezone` is the venue's, in which the time is told.

    `reference` names the booking and `number` the ticket, both as people read them to each other;
    `code` is what its square says.
    """

    title: str
    starts_at: datetime
    timezone: str
    location: str | None
    attendee: str | None
    ticket_type: str
    price: Money
    reference: str
    number: str
    code: str


def printed(ticket: TicketAtEvent, signer: TicketSigner) -> PrintedTicket:
    """Return what a ticket says, with the code that it has now."""
    return PrintedTicket(
        title=ticket.title,
        starts_at=ticket.starts_at,
        timezone=ticket.timezone,
        location=ticket.location,
        attendee=ticket.attendee_name,
        ticket_type=ticket.ticket_type,
        price=ticket.price,
        reference=short(ticket.booking_id),
        number=short(ticket.id),
        code=signer.code_of(ticket),
    )
