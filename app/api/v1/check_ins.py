"""The door of an event: who is let in, and who is in."""

from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import BookingReader, BookingWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import InvalidTransition
from app.domain.check_ins import (
    AlreadyCheckedIn,
    CheckInUndone,
    TicketTransferred,
    UnlikelyScan,
    WrongEvent,
)
from app.domain.events import EventNotBookable, EventNotFound
from app.domain.ticket_codes import InvalidTicketCode
from app.domain.tickets import TicketCancelled, TicketNotFound
from app.schemas.base import Listing, listing
from app.schemas.check_ins import (
    CheckInCreate,
    CheckInQuery,
    CheckInUndo,
    DoorTicketRead,
    FiguresRead,
    door_ticket_read,
    figures_read,
)
from app.schemas.tickets import TicketRead, ticket_read

router = stem("check_ins", prefix=f"{API}/events/{{event_id}}")
TICKET = Answers(ticket_read)
DOOR_TICKETS = Answers(listing(door_ticket_read))
FIGURES = Answers(figures_read)


@router.post(
    "/check-in",
    response_model=TicketRead,
    responses=problems(
        Forbidden,
        EventNotFound,
        EventNotBookable,
        AlreadyCheckedIn,
        CheckInUndone,
        TicketCancelled,
        InvalidTicketCode,
        WrongEvent,
        TicketTransferred,
        UnlikelyScan,
    ),
)
async def check_in(visitor: BookingWriter, event_id: UUID, body: CheckInCreate) -> Response:
    """Let somebody in with a ticket, once.

    A scan with a `nonce` can be sent again: it is answered as it was. With `force`, for what was
    scanned offline, it is noted where somebody came in with it before, and the first time kept.
    """
    async with visitor.writing() as caller:
        shown = await caller.services.check_ins.check_in(caller.actor, event_id, body.scan())
    return TICKET.ok(shown)


@router.post(
    "/check-in/undo",
    response_model=TicketRead,
    responses=problems(
        Forbidden,
        EventNotFound,
        TicketNotFound,
        InvalidTransition,
        InvalidTicketCode,
        WrongEvent,
        TicketTransferred,
    ),
)
async def undo_check_in(visitor: BookingWriter, event_id: UUID, body: CheckInUndo) -> Response:
    """Take somebody out again who was let in by mistake: the ticket is valid as before."""
    async with visitor.writing() as caller:
        shown = await caller.services.check_ins.undo(
            caller.actor, event_id, code=body.code, ticket_id=body.ticket_id
        )
    return TICKET.ok(shown)


@router.get(
    "/check-ins",
    response_model=Listing[DoorTicketRead],
    responses=problems(Forbidden, EventNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(CheckInQuery),
)
async def list_check_ins(visitor: BookingReader, event_id: UUID, request: Request) -> Response:
    """List the tickets of an event for its door, with who comes and who is in."""
    query = queries.read(request, CheckInQuery)
    async with visitor.reading() as caller:
        page = await caller.services.check_ins.list(
            caller.actor, query.wanted(event_id), query.page()
        )
    return DOOR_TICKETS.ok(page)


@router.get(
    "/check-ins/figures",
    response_model=FiguresRead,
    responses=problems(Forbidden, EventNotFound),
)
async def get_check_in_figures(visitor: BookingReader, event_id: UUID) -> Response:
    """Count how many tickets of an event are sold, and with how many somebody is in."""
    async with visitor.reading() as caller:
        figures = await caller.services.check_ins.figures(caller.actor, event_id)
    return FIGURES.ok(figures)
