"""The tickets of a booking, and their codes."""

from collections.abc import Sequence
from uuid import UUID

from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.printing import PrintedTicket, printed
from app.domain.ticket_codes import TicketSigner
from app.domain.tickets import (
    GOOD,
    NamedTicket,
    ShownTicket,
    TicketCancelled,
    TicketFilter,
    TicketNotFound,
    TicketSort,
    TicketStatus,
)
from app.policies import bookings as policy
from app.repositories.tickets import TicketRepository
from app.services.bookings import BookingService


class TicketService:
    def __init__(
        self, tickets: TicketRepository, bookings: BookingService, signer: TicketSigner
    ) -> None:
        self.tickets = tickets
        self.bookings = bookings
        self.signer = signer

    async def list(
        self, actor: Actor, booking_id: UUID, request: PageRequest[TicketSort]
    ) -> Page[ShownTicket]:
        """Return the tickets of a booking; none while it is held, and of an appointment."""
        booking = await self.bookings.get(actor, booking_id)
        page = await self.tickets.matching(TicketFilter(booking_id), request)
        may_know = policy.can_see_codes(actor, booking)
        items = [self.shown(one) if may_know else ShownTicket(one, None) for one in page.items]
        return Page(items, page.next_cursor, page.total)

    async def code(self, actor: Actor, booking_id: UUID, ticket_id: UUID) -> str:
        """Return the code of a ticket; refuse with TicketCancelled one that has none any more."""
        policy.ensure_can_see_codes(actor, await self.bookings.get(actor, booking_id))
        ticket = await self.tickets.get_of(booking_id, ticket_id)
        if ticket is None or ticket.status is TicketStatus.HELD:
            raise TicketNotFound
        if ticket.status is TicketStatus.CANCELLED:
            raise TicketCancelled
        return self.signer.code_of(ticket)

    async def printed(self, actor: Actor, booking_id: UUID) -> Sequence[PrintedTicket]:
        """Return what its valid tickets say; refuse with TicketNotFound where there is none."""
        policy.ensure_can_see_codes(actor, await self.bookings.get(actor, booking_id))
        valid = await self.tickets.valid(booking_id)
        if not valid:
            raise TicketNotFound("No ticket of this booking is valid.")
        return [printed(one, self.signer) for one in valid]

    def shown(self, ticket: NamedTicket) -> ShownTicket:
        """Return it with its code, for who may know it."""
        return ShownTicket(ticket, self.signer.code_of(ticket) if ticket.status in GOOD else None)
