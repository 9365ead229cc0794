"""Bookings as files for calendars."""

from typing import Final
from uuid import UUID

from fastapi import Response

from app.api.deps import BookingReader
from app.api.errors import problems
from app.api.routing import API, stem
from app.domain.bookings import BookingNotFound
from app.schemas.calendars import CALENDAR

router = stem("calendars", prefix=f"{API}/bookings/{{booking_id}}")
SAVED: Final = {"Content-Disposition": 'attachment; filename="booking.ics"'}


class ICalendar(Response):
    media_type = "text/calendar"


@router.get(
    "/calendar.ics",
    response_class=ICalendar,
    response_model=None,
    responses={200: CALENDAR, **problems(BookingNotFound)},
)
async def get_booking_file(visitor: BookingReader, booking_id: UUID) -> Response:
    """Return a booking as an iCalendar file (RFC 5545)."""
    async with visitor.reading() as caller:
        content = await caller.services.calendars.file(caller.actor, booking_id)
    return ICalendar(content, headers=SAVED)
