"""Reviews as they stand in the table; how they add up is another matter."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.bookings import Booking
from app.domain.reviews import Review, ReviewStatus
from app.models import Reviews
from app.repositories.base import values
from tests.factories.clock import NOW


async def make_review(connection: Connection, booking: Booking, **changes: Any) -> Review:
    made: dict[str, Any] = {
        "id": new_id(),
        "booking_id": booking.id,
        "author_id": booking.customer_id,
        "service_id": booking.service_id,
        "provider_id": booking.provider_id,
        "event_id": booking.event_id,
        "organizer_id": booking.organizer_id,
        "rating": 5,
        "comment": "As it should be.",
        "status": ReviewStatus.APPROVED,
        "flags": [],
        "reports": 0,
        "useful": 0,
        "reply": None,
        "replied_by": None,
        "replied_at": None,
        "edited_at": None,
        "moderated_by": None,
        "moderated_at": None,
        "created_at": NOW,
        "updated_at": NOW,
    }
    review = Review(**{**made, **changes})
    await connection.run(Command(insert(Reviews).values(values(review))))
    return review
