"""What follows from money, and asking after it when nobody tells."""

from app.bootstrap import Services
from app.domain.bookings import BookingCancelled, BookingDeclined, BookingReduced
from app.domain.refunds import RefundPlanned
from app.tasks.registry import handles


@handles(BookingCancelled)
async def refund_cancelled(message: BookingCancelled, services: Services) -> None:
    await services.refunds.settle(message.booking_id)


@handles(BookingDeclined)
async def refund_declined(message: BookingDeclined, services: Services) -> None:
    await services.refunds.settle(message.booking_id)


@handles(BookingReduced)
async def refund_reduced(message: BookingReduced, services: Services) -> None:
    await services.refunds.settle(message.booking_id)


@handles(RefundPlanned)
async def send_refund(message: RefundPlanned, services: Services) -> None:
    await services.refunds.send(message.refund_id)
