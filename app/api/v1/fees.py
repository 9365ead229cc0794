"""Fees for cancelling late and for not coming."""

from uuid import UUID

from fastapi import Response

from app.api.answers import Answers
from app.api.deps import BookingWriter
from app.api.errors import problems
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.domain.bookings import BookingNotFound
from app.domain.fees import NoFee
from app.schemas.bookings import BookingRead, booking_read
from app.schemas.fees import FeeWaiver

router = stem("bookings", prefix=f"{API}/bookings/{{booking_id}}")
BOOKING = Answers(booking_read)


@router.post(
    "/waive-fee",
    response_model=BookingRead,
    responses=problems(Forbidden, BookingNotFound, NoFee),
)
async def waive_fee(
    visitor: BookingWriter, booking_id: UUID, body: FeeWaiver | None = None
) -> Response:
    """Want the fee of a booking no longer; what was paid of it goes back."""
    async with visitor.writing() as caller:
        booking = await caller.services.fees.waive(
            caller.actor, booking_id, reason=body.reason if body else None
        )
    return BOOKING.ok(booking)
