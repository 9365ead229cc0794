"""What customers are told by letter about their money."""

from app.bootstrap import Services
from app.domain.bookings import BookingConfirmed, BookingMade
from app.domain.deposits import RestDue
from app.domain.payments import PaymentFailed, PaymentSucceeded
from app.domain.refunds import RefundSettled
from app.tasks.registry import handles


@handles(BookingMade)
async def ask_for_payment(message: BookingMade, services: Services) -> None:
    await services.payment_letters.tell_needed(message.booking_id)


@handles(BookingConfirmed)
async def ask_for_payment_of_granted(message: BookingConfirmed, services: Services) -> None:
    await services.payment_letters.tell_needed(message.booking_id)


@handles(PaymentSucceeded)
async def tell_paid(message: PaymentSucceeded, services: Services) -> None:
    await services.payment_letters.tell_paid(message.payment_id)


@handles(RestDue)
async def ask_for_rest(message: RestDue, services: Services) -> None:
    await services.payment_letters.tell_rest(message.booking_id)


@handles(PaymentFailed)
async def tell_not_paid(message: PaymentFailed, services: Services) -> None:
    await services.payment_letters.tell_failed(message.payment_id)


@handles(RefundSettled)
async def tell_refunded(message: RefundSettled, services: Services) -> None:
    await services.payment_letters.tell_refund(message.refund_id)
