"""What both sides of a booking are told at once."""

from app.bootstrap import Services
from app.domain.bookings import (
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingDeclined,
    BookingExpired,
    BookingMade,
    BookingReduced,
    BookingRescheduled,
    CustomerMissing,
)
from app.domain.refunds import RefundPlanned, RefundSettled
from app.tasks.registry import handles


@handles(BookingMade)
async def show_made(message: BookingMade, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="made")


@handles(BookingConfirmed)
async def show_confirmed(message: BookingConfirmed, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="confirmed")


@handles(BookingDeclined)
async def show_declined(message: BookingDeclined, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="declined")


@handles(BookingExpired)
async def show_expired(message: BookingExpired, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="expired")


@handles(BookingCancelled)
async def show_cancelled(message: BookingCancelled, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="cancelled")


@handles(BookingReduced)
async def show_reduced(message: BookingReduced, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="reduced")


@handles(BookingRescheduled)
async def show_rescheduled(message: BookingRescheduled, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="rescheduled")


@handles(BookingCompleted)
async def show_completed(message: BookingCompleted, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="completed")


@handles(CustomerMissing)
async def show_missing(message: CustomerMissing, services: Services) -> None:
    await services.booking_frames.tell(message.booking_id, change="no_show")


@handles(RefundPlanned)
async def show_refund_planned(message: RefundPlanned, services: Services) -> None:
    await services.booking_frames.tell_refund(message.refund_id)


@handles(RefundSettled)
async def show_refund_settled(message: RefundSettled, services: Services) -> None:
    await services.booking_frames.tell_refund(message.refund_id)
