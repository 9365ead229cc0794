"""Who is told what when something happens to a booking: the one table there is.

Each message has the kinds it may mean and whose they are; which of them it does mean, the booking
tells as it stands.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.messages import Message
from app.domain.bookings import (
    BookingCancelled,
    BookingConfirmed,
    BookingDeclined,
    BookingKind,
    BookingMade,
    BookingReduced,
    BookingRescheduled,
)
from app.domain.disputes import DisputeState
from app.domain.events import EventStatus
from app.domain.notifications import Facts, Kind
from app.domain.occasions import BookingOccasion
from app.domain.payouts import PayoutStatus


class Side(StrEnum):
    CUSTOMER = "customer"
    SELLER = "seller"


OF_BOOKING: Final[Mapping[type[Message], Mapping[Kind, Side]]] = {
    BookingMade: {
        Kind.BOOKING_CONFIRMED: Side.CUSTOMER,
        Kind.PAYMENT_NEEDED: Side.CUSTOMER,
        Kind.RECEIVED_BOOKING: Side.SELLER,
        Kind.RECEIVED_REQUEST: Side.SELLER,
    },
    BookingConfirmed: {
        Kind.BOOKING_CONFIRMED: Side.CUSTOMER,
        Kind.BOOKING_APPROVED: Side.CUSTOMER,
        Kind.PAYMENT_NEEDED: Side.CUSTOMER,
        Kind.RECEIVED_BOOKING: Side.SELLER,
    },
    BookingDeclined: {Kind.BOOKING_DECLINED: Side.CUSTOMER},
    BookingRescheduled: {
        Kind.BOOKING_MOVED: Side.CUSTOMER,
        Kind.EVENT_MOVED: Side.CUSTOMER,
        Kind.RECEIVED_MOVE: Side.SELLER,
    },
    BookingReduced: {
        Kind.BOOKING_REDUCED: Side.CUSTOMER,
        Kind.RECEIVED_REDUCTION: Side.SELLER,
    },
    BookingCancelled: {
        Kind.BOOKING_CANCELLED: Side.CUSTOMER,
        Kind.EVENT_CANCELLED: Side.CUSTOMER,
        Kind.RECEIVED_CANCELLATION: Side.SELLER,
    },
}
OF_PAYOUT: Final[Mapping[PayoutStatus, Kind]] = {
    PayoutStatus.PROPOSED: Kind.PAYOUT_PROPOSED,
    PayoutStatus.PAID: Kind.PAYOUT_PAID,
    PayoutStatus.CANCELLED: Kind.PAYOUT_CANCELLED,
}
OF_DISPUTE: Final[Mapping[DisputeState, Kind]] = {
    DisputeState.INQUIRY: Kind.DISPUTE_BEGUN,
    DisputeState.OPEN: Kind.DISPUTE_BEGUN,
    DisputeState.DROPPED: Kind.DISPUTE_WON,
    DisputeState.LOST: Kind.DISPUTE_LOST,
    DisputeState.WON: Kind.DISPUTE_WON,
}
# Told once of a booking, whatever becomes of it.
ONCE: Final = frozenset({Kind.PAYMENT_NEEDED, Kind.RECEIVED_BOOKING, Kind.RECEIVED_REQUEST})


def means(kind: Kind, booking: BookingOccasion, *, moved_by: UUID | None) -> bool:
    """Tell whether it is this that happened, and not what goes by another name.

    Nobody who sells is told of what they did themselves.
    """
    is_event = booking.kind is BookingKind.EVENT
    is_called_off = booking.event_status is EventStatus.CANCELLED
    is_granted = booking.granted_by not in (None, booking.customer_id)
    match kind:
        case Kind.BOOKING_APPROVED:
            return is_granted
        case Kind.BOOKING_CONFIRMED:
            return not is_granted
        case Kind.RECEIVED_BOOKING:
            return booking.granted_by != booking.seller_id
        case Kind.BOOKING_MOVED:
            return not is_event
        case Kind.EVENT_MOVED:
            return is_event
        case Kind.RECEIVED_MOVE:
            return not is_event and moved_by != booking.seller_id
        case Kind.BOOKING_CANCELLED:
            return not is_called_off
        case Kind.EVENT_CANCELLED:
            return is_called_off
        case Kind.RECEIVED_CANCELLATION:
            return not is_called_off and booking.cancelled_by != booking.seller_id
    return True


def key_of(kind: Kind, booking: BookingOccasion) -> str:
    """Return what stands for the fact, however often it is announced."""
    return f"{kind}/{booking.id}" if kind in ONCE else f"{kind}/{booking.id}/{booking.sequence}"


def facts_of(kind: Kind, booking: BookingOccasion) -> Facts:
    facts = Facts(booking_id=booking.id, starts_at=booking.starts_at)
    if kind in (Kind.PAYMENT_NEEDED, Kind.RECEIVED_REQUEST):
        return replace(facts, until=booking.hold_expires_at)
    return facts
