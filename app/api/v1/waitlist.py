"""Waiting for seats at an event that is sold out."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import BookingReader, BookingWriter, IdempotencyKey
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.listing import InvalidCursor
from app.domain.events import EventNotBookable, EventNotFound, TooManyTickets
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.waitlist import AlreadyWaiting, NotOnWaitlist, SeatsAvailable
from app.schemas.base import Listing, listing
from app.schemas.waitlist import (
    WaitlistEntryRead,
    WaitlistJoin,
    WaitlistQuery,
    waitlist_entry_read,
)

router = stem("waitlist", prefix=f"{API}/events/{{event_id}}/waitlist")
ENTRY = Answers(waitlist_entry_read)
ENTRIES = Answers(listing(waitlist_entry_read))


@router.post(
    "",
    response_model=WaitlistEntryRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        EventNotFound,
        EventNotBookable,
        AlreadyWaiting,
        SeatsAvailable,
        TooManyTickets,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def join_waitlist(
    visitor: BookingWriter,
    event_id: UUID,
    body: WaitlistJoin | None = None,
    key: IdempotencyKey = None,
) -> Response:
    """Wait for seats; once they are there they are kept for a time, to be booked as always."""
    seats = body.seats if body else 1
    async with visitor.writing(key) as caller:
        entry = await caller.services.waitlist.join(caller.actor, event_id, seats=seats)
        return await caller.answer(ENTRY.created(entry, at=f"{API}/events/{event_id}/waitlist"))


@router.get(
    "",
    response_model=Listing[WaitlistEntryRead],
    responses=problems(EventNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(WaitlistQuery),
)
async def list_waitlist(visitor: BookingReader, event_id: UUID, request: Request) -> Response:
    """List who waits, in their order: for its organizer everybody, for others themselves."""
    query = queries.read(request, WaitlistQuery)
    async with visitor.reading() as caller:
        page = await caller.services.waitlist.list(
            caller.actor, event_id, query.wanted(event_id), query.page()
        )
    return ENTRIES.ok(page)


@router.delete(
    "",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotOnWaitlist),
)
async def leave_waitlist(visitor: BookingWriter, event_id: UUID) -> Response:
    """Wait no longer, or decline what was offered: it goes to the next."""
    async with visitor.writing() as caller:
        await caller.services.waitlist.leave(caller.actor, event_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
