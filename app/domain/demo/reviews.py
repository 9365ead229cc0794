"""What the visitors of the demo salon said afterwards."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from app.core.ids import named_id
from app.domain.bookings import Booking, BookingStatus
from app.domain.reviews import Review, ReviewStatus, Visit, written

AFTER: Final = timedelta(hours=20)
SAID: Final = (
    (5, "Exactly what I asked for, and it still sits well on the third day."),
    (5, "Calm hands, good coffee, on time to the minute. I have booked the next one already."),
    (4, "Lovely result. It took a quarter of an hour longer than it said."),
    (5, "Спокойно, аккуратно и без лишних разговоров. Приду ещё."),
    (5, None),
    (3, "Nicely done, but the room was cold and I would have liked to be asked."),
    (4, "Дуже задоволена, лише музика була трохи гучна."),
)


def reviews(bookings: Iterable[Booking]) -> list[Review]:
    """Return one review of each visit that is over, the same for the same visits."""
    over = [one for one in bookings if one.status is BookingStatus.COMPLETED]
    return [_review(booking, number) for number, booking in enumerate(over)]


def _review(booking: Booking, number: int) -> Review:
    rating, comment = SAID[number % len(SAID)]
    visit = Visit(
        booking.id,
        booking.service_id,
        booking.provider_id,
        booking.event_id,
        booking.organizer_id,
        is_over=True,
        is_own=False,
        is_reviewed=False,
    )
    made = written(
        visit,
        by=booking.customer_id,
        rating=rating,
        comment=comment,
        flags=[],
        status=ReviewStatus.APPROVED,
        now=booking.ends_at + AFTER,
    )
    return replace(made, id=named_id(f"demo/review/{booking.id}"))
