"""What is due of those who cancel late or don't come."""

from app.bootstrap import Services
from app.domain.authorizations import AuthorizationEnded
from app.domain.bookings import BookingCancelled, CustomerMissing
from app.domain.fees import FeeDue, FeeOwed
from app.tasks.registry import handles
from app.tasks.schedule import every


@handles(BookingCancelled)
async def collect_late_fee(message: BookingCancelled, services: Services) -> None:
    await services.fees.collect(message.booking_id)


@handles(CustomerMissing)
async def collect_missed_fee(message: CustomerMissing, services: Services) -> None:
    await services.fees.collect(message.booking_id)


@handles(AuthorizationEnded)
async def collect_rest_of_fee(message: AuthorizationEnded, services: Services) -> None:
    await services.fees.collect(message.booking_id)


@handles(FeeDue)
async def charge_fee(message: FeeDue, services: Services) -> None:
    await services.fees.charge(message.payment_id)


@every("*/15 * * * *")
async def charge_fees_again(services: Services) -> None:
    await services.fees.charge_stale()


@handles(FeeOwed)
async def tell_owed(message: FeeOwed, services: Services) -> None:
    await services.announcements.tell_fee(message.booking_id)
