"""Bookings, of both kinds: made, looked up, cancelled."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import (
    BookingReader,
    BookingWriter,
    Caller,
    IdempotencyKey,
    IfMatch,
    IfNoneMatch,
)
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden, PreconditionFailed
from app.core.listing import InvalidCursor
from app.domain.bookings import (
    Booking,
    BookingNotFound,
    InvalidTransition,
    OutsideBookingWindow,
    SlotUnavailable,
    TooManyHolds,
)
from app.domain.events import (
    EventNotBookable,
    EventNotFound,
    SoldOut,
    TicketTypeNeeded,
    TooManyTickets,
    UnknownTicketType,
)
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.limits import RateLimited
from app.domain.offerings import OfferingNotFound
from app.domain.promo_codes import PromoCodeExhausted, PromoCodeInvalid
from app.schemas.base import Listing, listing
from app.schemas.bookings import (
    BookingCreate,
    BookingQuery,
    BookingRead,
    CancelledBookingRead,
    CancelRequest,
    booking_read,
    cancelled_read,
)

router = stem("bookings")
BOOKING = Answers(booking_read)
BOOKINGS = Answers(listing(booking_read))
CANCELLED = Answers(cancelled_read)


@router.post(
    "",
    response_model=BookingRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        OfferingNotFound,
        EventNotFound,
        SlotUnavailable,
        SoldOut,
        EventNotBookable,
        TooManyHolds,
        OutsideBookingWindow,
        UnknownTicketType,
        TicketTypeNeeded,
        TooManyTickets,
        PromoCodeInvalid,
        PromoCodeExhausted,
        RateLimited,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_booking(
    visitor: BookingWriter, body: BookingCreate, key: IdempotencyKey = None
) -> Response:
    """Book an appointment, or seats at an event, for the signed-in customer."""

    async def book(caller: Caller) -> Response:
        return await caller.answer(_made(await _book(caller, body)))

    return await visitor.once(key, book)


def _made(booking: Booking) -> Response:
    return BOOKING.created(booking, at=f"{API}/bookings/{booking.id}")


async def _book(caller: Caller, body: BookingCreate) -> Booking:
    if body.service_id is None or body.starts_at is None:
        assert body.event_id is not None  # or the body would have been refused
        return await caller.services.event_bookings.book(
            caller.actor,
            body.event_id,
            body.wanted(),
            notes=body.notes,
            promo_code=body.promo_code,
            kept=lambda booking: caller.kept(_made(booking)),
        )
    return await caller.services.bookings.book(
        caller.actor,
        body.service_id,
        starts_at=body.starts_at,
        provider_id=body.provider_id,
        notes=body.notes,
        promo_code=body.promo_code,
        kept=lambda booking: caller.kept(_made(booking)),
    )


@router.get(
    "",
    response_model=Listing[BookingRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(BookingQuery),
)
async def list_bookings(visitor: BookingReader, request: Request) -> Response:
    """List bookings: one's own, or those of another scope."""
    query = queries.read(request, BookingQuery)
    async with visitor.reading() as caller:
        page = await caller.services.bookings.list(
            caller.actor, query.scope, query.wanted(), query.page()
        )
    return BOOKINGS.ok(page)


@router.get(
    "/{booking_id}",
    response_model=BookingRead,
    responses=problems(BookingNotFound),
)
async def get_booking(
    visitor: BookingReader, booking_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one booking."""
    async with visitor.reading() as caller:
        booking = await caller.services.bookings.get(caller.actor, booking_id)
    return BOOKING.ok_or_unchanged(booking, if_none_match)


@router.post(
    "/{booking_id}/cancel",
    response_model=CancelledBookingRead,
    responses=problems(
        Forbidden,
        BookingNotFound,
        InvalidTransition,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def cancel_booking(
    visitor: BookingWriter,
    booking_id: UUID,
    body: CancelRequest | None = None,
    key: IdempotencyKey = None,
) -> Response:
    """Cancel a booking, and tell what that costs and gives back."""
    reason = body.reason if body else None
    async with visitor.writing(key) as caller:
        cancelled = await caller.services.booking_changes.cancel(
            caller.actor, booking_id, reason=reason
        )
        return await caller.answer(CANCELLED.ok(cancelled))


@router.delete(
    "/{booking_id}",
    response_model=CancelledBookingRead,
    responses=problems(Forbidden, BookingNotFound, InvalidTransition, PreconditionFailed),
)
async def delete_booking(
    visitor: BookingWriter,
    booking_id: UUID,
    body: CancelRequest | None = None,
    if_match: IfMatch = None,
) -> Response:
    """Cancel a booking, as POST /bookings/{id}/cancel does."""
    reason = body.reason if body else None
    async with visitor.writing() as caller:
        current = await caller.services.bookings.lock(caller.actor, booking_id)
        ensure_match(if_match, BOOKING.body(current))
        cancelled = await caller.services.booking_changes.cancel(
            caller.actor, booking_id, reason=reason
        )
    return CANCELLED.ok(cancelled)
