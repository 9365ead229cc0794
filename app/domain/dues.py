"""What a booking costs, and what of that is to be paid now and later."""

from datetime import datetime
from typing import Final, NamedTuple

from app.core.money import Money
from app.domain.bookings import Booking, BookingStatus, PaymentStatus
from app.domain.deposits import DepositRest

GIVEN_UP: Final = (BookingStatus.CANCELLED, BookingStatus.DECLINED, BookingStatus.EXPIRED)
MISSED: Final = (BookingStatus.CANCELLED, BookingStatus.NO_SHOW)
OPEN: Final = (PaymentStatus.UNPAID, PaymentStatus.PARTIALLY_PAID)


class Dues(NamedTuple):
    """`now` is what confirms it or, where it is confirmed, is to be paid before it starts."""

    now: Money
    later: Money


def owed(booking: Booking) -> int:
    """Return what its customer owes for it, in minor units: its price while it stands, and fees.

    What is given up costs the late fee alone; somebody who did not come gets nothing back, and
    what was due for tickets given back late is due besides.
    """
    if booking.status in GIVEN_UP:
        return booking.late_fee_amount
    return booking.price_amount + booking.late_fee_amount - booking.missed_fee_amount


def surplus(booking: Booking) -> Money:
    """Return what was paid for it beyond what is owed, and is to be given back."""
    return Money(max(booking.kept_amount - owed(booking), 0), booking.price_currency)


def is_payable(booking: Booking, *, now: datetime) -> bool:
    """Tell whether there is something to pay for it: not once it was paid, given up or lapsed."""
    held = booking.status is BookingStatus.PENDING and (
        booking.hold_expires_at is not None and booking.hold_expires_at > now
    )
    return fee_due(booking) > 0 or ((held or _stands(booking)) and _rest(booking) > 0)


def rest_is_due(booking: Booking, *, now: datetime) -> bool:
    """Tell whether some of it is to be paid before it starts, and it has not started."""
    is_ahead = is_payable(booking, now=now) and now < booking.starts_at
    return is_ahead and dues(booking).now.amount > 0


def dues(booking: Booking) -> Dues:
    """Return what is to be paid for it: what was given back is not asked for again."""
    rest, none = Money(_rest(booking), booking.price_currency), Money(0, booking.price_currency)
    deposit = booking.deposit
    if booking.status is BookingStatus.PENDING:
        now = rest
        if deposit is not None:
            now = Money(
                min(deposit.of(booking.price, booking.seats).amount, rest.amount), rest.currency
            )
        return Dues(now, Money(rest.amount - now.amount, rest.currency))
    if not _stands(booking):
        return Dues(none, Money(fee_due(booking), booking.price_currency))
    is_online = deposit is not None and deposit.rest is DepositRest.LATER
    return Dues(rest, none) if is_online else Dues(none, rest)


def fee_due(booking: Booking) -> int:
    """Return what is still to be paid for having cancelled it late or not come, in minor units.

    What was paid before covers it first. What was given back is not asked for again.
    """
    if booking.status not in MISSED or booking.payment_status not in OPEN:
        return 0
    return max(booking.late_fee_amount - booking.paid_amount, 0)


def asked_for(booking: Booking) -> Money:
    """Return what a payment for it is of: the deposit first, then all the rest."""
    now, later = dues(booking)
    return now if now.amount else later


def how_far(booking: Booking, *, paid: int, refunded: int) -> PaymentStatus:
    """Return how far it is paid, of what was ever paid for it and what of that was given back."""
    if not paid:
        return booking.payment_status
    if refunded == paid:
        return PaymentStatus.REFUNDED
    is_given_up = booking.status in GIVEN_UP
    if not is_given_up and paid - refunded >= owed(booking):
        return PaymentStatus.PAID
    if refunded and (is_given_up or paid >= owed(booking)):
        return PaymentStatus.PARTIALLY_REFUNDED
    is_whole = is_given_up and paid >= booking.price_amount
    return PaymentStatus.PAID if is_whole else PaymentStatus.PARTIALLY_PAID


def _stands(booking: Booking) -> bool:
    return booking.status in (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


def _rest(booking: Booking) -> int:
    if booking.payment_status not in OPEN:
        return 0
    return max(owed(booking) - booking.paid_amount, 0)
