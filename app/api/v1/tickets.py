"""Tickets: what lets somebody in."""

from typing import Final
from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Anybody, BookingReader, BookingWriter, IfNoneMatch
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import BookingNotFound, InvalidTransition
from app.domain.ticket_transfers import TransferredTooOften
from app.domain.tickets import TicketNotFound
from app.schemas.base import Listing, listing
from app.schemas.ticket_codes import TicketKeyRead, ticket_key_read
from app.schemas.tickets import TicketQuery, TicketRead, TicketTransfer, ticket_read

router = stem("tickets", prefix=API)
OF_BOOKING: Final = "/bookings/{booking_id}/tickets"
TICKET = Answers(ticket_read)
TICKETS = Answers(listing(ticket_read))
TICKET_KEY = Answers(ticket_key_read)
AN_HOUR: Final = "public, max-age=3600"  # it changes with SECRET_KEY, and every code with it


@router.get("/tickets/key", response_model=TicketKeyRead)
async def get_ticket_key(guest: Anybody, if_none_match: IfNoneMatch = None) -> Response:
    """Get the key that codes of tickets are signed with, to check them without a network.

    A code is base64url without padding (RFC 4648, 5) of 99 bytes: the version 1 (1 byte), the id
    of the ticket (16), the id of the event (16), how often the ticket changed hands (2, big
    endian), and the Ed25519 signature (RFC 8032) of these 35 (64). A good signature says that the
    ticket was issued for that event, not that it still holds: it may be cancelled, have changed
    hands or been let in. So a scanner that was offline sends what it saw once it can.
    """
    async with guest.reading() as services:
        answer = TICKET_KEY.ok_or_unchanged(services.ticket_codes.key(), if_none_match)
    answer.headers["Cache-Control"] = AN_HOUR
    return answer


@router.get(
    OF_BOOKING,
    response_model=Listing[TicketRead],
    responses=problems(BookingNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(TicketQuery),
)
async def list_tickets(visitor: BookingReader, booking_id: UUID, request: Request) -> Response:
    """List the tickets of a booking; there is none while it waits to be paid."""
    query = queries.read(request, TicketQuery)
    async with visitor.reading() as caller:
        page = await caller.services.tickets.list(caller.actor, booking_id, query.page())
    return TICKETS.ok(page)


@router.post(
    f"{OF_BOOKING}/{{ticket_id}}/transfer",
    response_model=TicketRead,
    responses=problems(
        Forbidden,
        BookingNotFound,
        TicketNotFound,
        InvalidTransition,
        TransferredTooOften,
    ),
)
async def transfer_ticket(
    visitor: BookingWriter, booking_id: UUID, ticket_id: UUID, body: TicketTransfer
) -> Response:
    """Say who comes with a ticket; it gets a new code, and the codes before are worth nothing.

    Whoever has an e-mail address is sent the ticket.
    """
    async with visitor.writing() as caller:
        shown = await caller.services.ticket_transfers.transfer(
            caller.actor, booking_id, ticket_id, body.attendee()
        )
    return TICKET.ok(shown)
