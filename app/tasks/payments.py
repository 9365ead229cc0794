"""What follows from money, and asking after it when nobody tells."""

from datetime import timedelta
from typing import Any

from app.bootstrap import Services
from app.domain.authorizations import AuthorizationsDue
from app.domain.bookings import (
    BookingCancelled,
    BookingCompleted,
    BookingDeclined,
    BookingReduced,
    CustomerMissing,
)
from app.domain.payments import PaymentUncertain
from app.domain.refunds import RefundPlanned
from app.tasks.registry import handles
from app.tasks.schedule import every


@handles(BookingCancelled)
async def refund_cancelled(message: BookingCancelled, services: Services) -> None:
    await services.refunds.settle(message.booking_id)


@handles(BookingDeclined)
async def refund_declined(message: BookingDeclined, services: Services) -> None:
    await services.refunds.settle(message.booking_id)


@handles(BookingReduced)
async def refund_reduced(message: BookingReduced, services: Services) -> None:
    await services.refunds.settle(message.booking_id)


async def settle_authorized(message: Any, services: Services) -> None:
    await services.charges.settle_authorized(message.booking_id)


for kind in (
    *(AuthorizationsDue, BookingCancelled, BookingDeclined, BookingCompleted),
    CustomerMissing,
):
    handles(kind)(settle_authorized)


@handles(PaymentUncertain, attempts=2, within=timedelta(minutes=2))
async def ask_gateway(message: PaymentUncertain, services: Services) -> None:
    await services.charges.ask(message.payment_id)


@every("*/5 * * * *")
async def ask_gateways(services: Services) -> int:
    return await services.charges.ask_stale()


@every("*/5 * * * *")
async def look_after_paid(services: Services) -> None:
    await services.charges.look_after_paid()


@every("*/10 * * * *")
async def send_refunds_again(services: Services) -> None:
    await services.refunds.send_stale()


@every("22 * * * *")
async def tell_what_is_due(services: Services) -> int:
    return await services.deposits.tell_due()


@handles(RefundPlanned)
async def send_refund(message: RefundPlanned, services: Services) -> None:
    await services.refunds.send(message.refund_id)
