"""The vocabulary of bookings: states, legal moves, rules, messages and refusals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.messages import Message
from app.core.money import Money
from app.domain.offerings import CancellationPolicy

APPROVAL_HOLD: Final = timedelta(hours=24)
MOST_HOLDS: Final = 20
MOST_ALTERNATIVES: Final = 5


class BookingKind(StrEnum):
    APPOINTMENT = "appointment"
    EVENT = "event"


class BookingStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    EXPIRED = "expired"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    NOT_REQUIRED = "not_required"
    UNPAID = "unpaid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class BookingScope(StrEnum):
    """Whose bookings to list: one's own, those one performs or organizes, or everybody's."""

    MINE = "mine"
    PROVIDER = "provider"
    ORGANIZER = "organizer"
    ALL = "all"


ACTIVE: Final = (BookingStatus.PENDING, BookingStatus.CONFIRMED)

LEGAL_MOVES: Final = {
    BookingStatus.PENDING: {
        BookingStatus.CONFIRMED,
        BookingStatus.EXPIRED,
        BookingStatus.DECLINED,
        BookingStatus.CANCELLED,
    },
    BookingStatus.CONFIRMED: {
        BookingStatus.COMPLETED,
        BookingStatus.NO_SHOW,
        BookingStatus.CANCELLED,
    },
}


def sources(target: BookingStatus) -> list[BookingStatus]:
    """Return the states from which `target` can be reached in one move."""
    return [status for status, targets in LEGAL_MOVES.items() if target in targets]


@dataclass(frozen=True, slots=True)
class Booking:
    """A customer's claim on a provider's time: `[blocked_from, blocked_until)` with buffers."""

    id: UUID
    kind: BookingKind
    status: BookingStatus
    customer_id: UUID
    service_id: UUID | None
    provider_id: UUID | None
    event_id: UUID | None
    title: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    blocked_from: datetime
    blocked_until: datetime
    seats: int
    price_amount: int
    price_currency: str
    payment_status: PaymentStatus
    free_until_minutes: int
    late_fee_percent: int
    hold_expires_at: datetime | None
    notes: str | None
    cancelled_at: datetime | None
    cancelled_by: UUID | None
    cancel_reason: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def price(self) -> Money:
        return Money(self.price_amount, self.price_currency)

    @property
    def cancellation_policy(self) -> CancellationPolicy:
        return CancellationPolicy(self.free_until_minutes, self.late_fee_percent)


class BookingSort(StrEnum):
    SOONEST = "starts_at"
    LATEST = "-starts_at"
    OLDEST = "created_at"
    NEWEST = "-created_at"


class BookingNotFound(NotFound):
    """There is no such booking."""


class SlotUnavailable(Conflict):
    """The requested time is not free."""


class InvalidTransition(Conflict):
    """The booking cannot change to that state."""


class TooManyHolds(Conflict):
    """There are too many unpaid bookings; pay or cancel one first."""


class OutsideBookingWindow(Invalid):
    """That time is in the past, too soon, or too far ahead."""

    pointer = "#/starts_at"


@dataclass(frozen=True, slots=True)
class BookingMade(Message):
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class BookingCancelled(Message):
    booking_id: UUID
