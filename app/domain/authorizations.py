"""What becomes of money that a gateway keeps for us: taken, let go, or kept on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.messages import Message
from app.domain.bookings import Booking, BookingStatus, as_of
from app.domain.captures import CaptureTerms
from app.domain.dues import owed
from app.domain.payments import Payment

LASTS: Final = timedelta(days=4)
"""How long money is kept at most before it is taken, though the visit is later.

FreedomPay clears it by itself after five days, Visa lets it go after four days and 18 hours, and
others after seven.
"""
STANDING: Final = (BookingStatus.PENDING, BookingStatus.CONFIRMED)


def to_take(
    payment: Payment,
    booking: Booking,
    others: Sequence[Payment],
    terms: CaptureTerms,
    *,
    now: datetime,
) -> int | None:
    """Return how much of what is kept is to be taken now; None to wait, and nothing to let it go.

    What was once decided to be taken stays so. Of several kept for one booking the first is taken.
    """
    if payment.capture_amount is not None:
        return payment.capture_amount
    booking = as_of(booking, now)
    missing = _wanted(booking) - booking.paid_amount - _kept_by(others, payment)
    amount = max(min(payment.amount, missing), 0)
    return amount if not amount or _is_time(payment, booking, terms, now=now) else None


def _wanted(booking: Booking) -> int:
    """Return what is to be paid for it in all: of who did not come the fee, and not the price."""
    if booking.status is BookingStatus.NO_SHOW:
        return booking.late_fee_amount
    return owed(booking)


def _kept_by(others: Sequence[Payment], payment: Payment) -> int:
    """Return what is kept, or about to be taken, of payments that come first."""
    return sum(
        one.amount if one.capture_amount is None else one.capture_amount
        for one in others
        if one.is_authorized and one.id != payment.id and _comes_first(one, payment)
    )


def _comes_first(one: Payment, other: Payment) -> bool:
    order = (one.capture_amount is None, one.created_at, one.id)
    return order < (other.capture_amount is None, other.created_at, other.id)


def _is_time(payment: Payment, booking: Booking, terms: CaptureTerms, *, now: datetime) -> bool:
    if booking.status not in STANDING:
        return True
    if terms.needs_grant:
        return terms.is_granted
    since = payment.authorized_at or payment.updated_at
    return booking.status is BookingStatus.CONFIRMED and now >= since + LASTS


@dataclass(frozen=True, slots=True)
class AuthorizationsDue(Message):
    """Whether money that is kept for a booking is to be taken, or let go, may be another now."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class AuthorizationEnded(Message):
    """Money that was kept for what its customer missed was taken, or is kept no longer."""

    booking_id: UUID
