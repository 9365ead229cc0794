"""What becomes of a booking: granted, declined, moved, held, missed; and its history."""

from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import BookingReader, BookingWriter, IdempotencyKey
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import (
    BookingNotFound,
    InvalidTransition,
    OutsideBookingWindow,
    SlotUnavailable,
    TooLateToReschedule,
)
from app.domain.offerings import OfferingNotFound
from app.schemas.base import Listing, listing
from app.schemas.booking_changes import (
    BookingChangeRead,
    ChangeQuery,
    DeclineRequest,
    Reschedule,
    change_read,
)
from app.schemas.bookings import BookingRead, booking_read

router = stem("bookings", prefix=f"{API}/bookings/{{booking_id}}")
BOOKING = Answers(booking_read)
CHANGES = Answers(listing(change_read))
DECIDING = (Forbidden, BookingNotFound, InvalidTransition)


@router.post(
    "/reschedule",
    response_model=BookingRead,
    responses=problems(
        Forbidden,
        BookingNotFound,
        OfferingNotFound,
        InvalidTransition,
        SlotUnavailable,
        TooLateToReschedule,
        OutsideBookingWindow,
    ),
)
async def reschedule_booking(
    visitor: BookingWriter, booking_id: UUID, body: Reschedule, key: IdempotencyKey = None
) -> Response:
    """Move a booking to another time in one step; the old one is kept if that fails."""
    async with visitor.writing(key) as caller:
        booking = await caller.services.booking_changes.reschedule(
            caller.actor, booking_id, starts_at=body.starts_at, provider_id=body.provider_id
        )
        return await caller.answer(BOOKING.ok(booking))


@router.post("/confirm", response_model=BookingRead, responses=problems(*DECIDING))
async def confirm_booking(
    visitor: BookingWriter, booking_id: UUID, key: IdempotencyKey = None
) -> Response:
    """Grant a request; by its provider, its organizer or support."""
    async with visitor.writing(key) as caller:
        booking = await caller.services.booking_changes.confirm(caller.actor, booking_id)
        return await caller.answer(BOOKING.ok(booking))


@router.post("/decline", response_model=BookingRead, responses=problems(*DECIDING))
async def decline_booking(
    visitor: BookingWriter,
    booking_id: UUID,
    body: DeclineRequest | None = None,
    key: IdempotencyKey = None,
) -> Response:
    """Turn a request down; its time is free again."""
    async with visitor.writing(key) as caller:
        booking = await caller.services.booking_changes.decline(
            caller.actor, booking_id, reason=body.reason if body else None
        )
        return await caller.answer(BOOKING.ok(booking))


@router.post("/complete", response_model=BookingRead, responses=problems(*DECIDING))
async def complete_booking(
    visitor: BookingWriter, booking_id: UUID, key: IdempotencyKey = None
) -> Response:
    """Say that it took place; done by itself six hours after its end."""
    async with visitor.writing(key) as caller:
        booking = await caller.services.booking_changes.complete(caller.actor, booking_id)
        return await caller.answer(BOOKING.ok(booking))


@router.post("/no-show", response_model=BookingRead, responses=problems(*DECIDING))
async def mark_no_show(
    visitor: BookingWriter, booking_id: UUID, key: IdempotencyKey = None
) -> Response:
    """Say that the customer did not come; the fee of the policy is recorded."""
    async with visitor.writing(key) as caller:
        booking = await caller.services.booking_changes.miss(caller.actor, booking_id)
        return await caller.answer(BOOKING.ok(booking))


@router.get(
    "/history",
    response_model=Listing[BookingChangeRead],
    responses=problems(BookingNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ChangeQuery),
)
async def list_booking_changes(
    visitor: BookingReader, booking_id: UUID, request: Request
) -> Response:
    """List what happened to a booking: who did what, when and why."""
    query = queries.read(request, ChangeQuery)
    async with visitor.reading() as caller:
        page = await caller.services.booking_changes.history(caller.actor, booking_id, query.page())
    return CHANGES.ok(page)
