"""Single seats of a booking, given back."""

from uuid import UUID

from fastapi import Response

from app.api.answers import Answers
from app.api.deps import BookingWriter
from app.api.errors import problems
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.domain.bookings import BookingNotFound, InvalidTransition
from app.domain.tickets import TicketNotFound
from app.schemas.bookings import CancelledBookingRead, CancelRequest, cancelled_read

router = stem("event_bookings", prefix=f"{API}/bookings/{{booking_id}}/tickets")
CANCELLED = Answers(cancelled_read)


@router.delete(
    "/{ticket_id}",
    response_model=CancelledBookingRead,
    responses=problems(Forbidden, BookingNotFound, TicketNotFound, InvalidTransition),
)
async def cancel_ticket(
    visitor: BookingWriter, booking_id: UUID, ticket_id: UUID, body: CancelRequest | None = None
) -> Response:
    """Cancel one ticket of a booking on its terms; the last one cancels the booking."""
    reason = body.reason if body else None
    async with visitor.writing() as caller:
        cancelled = await caller.services.event_bookings.give_back(
            caller.actor, booking_id, ticket_id, reason=reason
        )
    return CANCELLED.ok(cancelled)
