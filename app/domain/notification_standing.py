"""Whether what somebody is to be told is still so, at the moment when it is told."""

from datetime import datetime

from app.domain.bookings import BookingStatus, PaymentStatus
from app.domain.notifications import Facts, Kind
from app.domain.occasions import BookingOccasion


def stands(kind: Kind, facts: Facts, booking: BookingOccasion, *, now: datetime) -> bool:
    """Tell whether a booking is still what would be told of it.

    Whatever changed it since has announced something of its own.
    """
    match kind:
        case Kind.BOOKING_MOVED | Kind.EVENT_MOVED:
            return booking.status is BookingStatus.CONFIRMED and _is_then(facts, booking)
        case Kind.RECEIVED_MOVE:
            return _is_expected(booking, now) and _is_then(facts, booking)
        case Kind.REMINDER:
            return booking.is_ahead(now) and _is_then(facts, booking)
        case Kind.RECEIVED_REQUEST:
            return booking.is_held(now) and booking.is_request
        case Kind.PAYMENT_NEEDED:
            return awaits_payment(booking, now)
        case Kind.BOOKING_DECLINED:
            return booking.status is BookingStatus.DECLINED
        case Kind.BOOKING_CANCELLED | Kind.EVENT_CANCELLED | Kind.RECEIVED_CANCELLATION:
            return booking.status is BookingStatus.CANCELLED
        case (
            Kind.BOOKING_CONFIRMED
            | Kind.BOOKING_APPROVED
            | Kind.BOOKING_REDUCED
            | Kind.RECEIVED_BOOKING
            | Kind.RECEIVED_REDUCTION
        ):
            return booking.status is BookingStatus.CONFIRMED
    return True


def awaits_payment(booking: BookingOccasion, now: datetime) -> bool:
    """Tell whether it is held until it is paid for, and nobody has to grant it before."""
    is_unpaid = booking.payment_status is PaymentStatus.UNPAID and not booking.is_authorized
    may_pay = booking.is_authorized_first or not booking.is_request
    return booking.is_held(now) and is_unpaid and may_pay


def _is_then(facts: Facts, booking: BookingOccasion) -> bool:
    return facts.starts_at is None or facts.starts_at == booking.starts_at


def _is_expected(booking: BookingOccasion, now: datetime) -> bool:
    return booking.status is BookingStatus.CONFIRMED or booking.is_held(now)
