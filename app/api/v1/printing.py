"""Tickets to print and to show at the door. They are printed once nothing is held any more."""

from typing import Final
from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.deps import BookingReader
from app.api.errors import locale_of, problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.domain.bookings import BookingNotFound
from app.domain.printing import TooManyPages
from app.domain.ticket_codes import short
from app.domain.tickets import TicketCancelled, TicketNotFound
from app.schemas.tickets import PDF, PNG, SVG, QrQuery

router = stem("printing", prefix=f"{API}/bookings/{{booking_id}}")
CODE: Final = problems(Forbidden, BookingNotFound, TicketNotFound, TicketCancelled, MalformedQuery)
ASKED: Final = queries.documented(QrQuery)


class Svg(Response):
    media_type = "image/svg+xml"


class Png(Response):
    media_type = "image/png"


class Pdf(Response):
    media_type = "application/pdf"


@router.get(
    "/tickets/{ticket_id}/qr.svg",
    response_class=Svg,
    response_model=None,
    responses={200: SVG, **CODE},
    openapi_extra=ASKED,
)
async def get_ticket_svg(
    visitor: BookingReader, booking_id: UUID, ticket_id: UUID, request: Request
) -> Response:
    """Return the code of a ticket as a square to scan, as SVG."""
    size = queries.read(request, QrQuery).size
    async with visitor.reading() as caller:
        code = await caller.services.tickets.code(caller.actor, booking_id, ticket_id)
    content = await caller.services.printing.svg(code, size=size)
    return Svg(content, headers=_private(f"ticket-{short(ticket_id)}.svg"))


@router.get(
    "/tickets/{ticket_id}/qr.png",
    response_class=Png,
    response_model=None,
    responses={200: PNG, **CODE},
    openapi_extra=ASKED,
)
async def get_ticket_png(
    visitor: BookingReader, booking_id: UUID, ticket_id: UUID, request: Request
) -> Response:
    """Return the code of a ticket as a square to scan, as PNG: up to that size, in whole dots."""
    size = queries.read(request, QrQuery).size
    async with visitor.reading() as caller:
        code = await caller.services.tickets.code(caller.actor, booking_id, ticket_id)
    content = await caller.services.printing.png(code, size=size)
    return Png(content, headers=_private(f"ticket-{short(ticket_id)}.png"))


@router.get(
    "/tickets.pdf",
    response_class=Pdf,
    response_model=None,
    responses={200: PDF, **problems(Forbidden, BookingNotFound, TicketNotFound, TooManyPages)},
)
async def get_tickets_pdf(visitor: BookingReader, booking_id: UUID, request: Request) -> Response:
    """Return the valid tickets of a booking to print, a page each, in the reader's language."""
    async with visitor.reading() as caller:
        tickets = await caller.services.tickets.printed(caller.actor, booking_id)
    content = await caller.services.printing.tickets(tickets, locale_of(request.scope))
    return Pdf(content, headers=_private(f"tickets-{short(booking_id)}.pdf"))


def _private(name: str) -> dict[str, str]:
    """Return what keeps it out of everybody else's caches; it may have another code tomorrow."""
    return {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'inline; filename="{name}"',
    }
