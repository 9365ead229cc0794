"""What customers are told by letter about their bookings."""

from app.bootstrap import Services
from app.domain.bookings import (
    BookingCancelled,
    BookingConfirmed,
    BookingMade,
    BookingReduced,
    BookingRescheduled,
)
from app.tasks.registry import handles


@handles(BookingMade)
async def tell_booked(message: BookingMade, services: Services) -> None:
    await services.booking_letters.tell_confirmed(message.booking_id)


@handles(BookingConfirmed)
async def tell_confirmed(message: BookingConfirmed, services: Services) -> None:
    await services.booking_letters.tell_confirmed(message.booking_id)


@handles(BookingRescheduled)
async def tell_rescheduled(message: BookingRescheduled, services: Services) -> None:
    await services.booking_letters.tell_rescheduled(message.booking_id)


@handles(BookingReduced)
async def tell_reduced(message: BookingReduced, services: Services) -> None:
    await services.booking_letters.tell_reduced(message.booking_id)


@handles(BookingCancelled)
async def tell_cancelled(message: BookingCancelled, services: Services) -> None:
    await services.booking_letters.tell_cancelled(message.booking_id)
