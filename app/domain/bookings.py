"""The vocabulary of bookings: states, legal moves, rules, messages and refusals."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.messages import Message
from app.core.money import Money
from app.domain.deposits import Deposit, DepositRest, deposit_of
from app.domain.fees import no_show_fee_of
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
    PARTIALLY_PAID = "partially_paid"
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
    """A customer's claim on a provider's time: `[blocked_from, blocked_until)` with buffers.

    `starts_local` is what was agreed, wall time in `timezone` (ISO 8601, to the second);
    `late_fee_amount` what was due for cancelling late or not coming, and `missed_fee_amount` what
    of that for not coming; `sequence` goes up with every change. `items` is what the seats of an
    event were sold as, each `[ticket type, name, quantity, unit price, discount]`, see
    BookingItem. The price is what is left after the `discount_amount`. `deposit_amount` is for
    each seat; `paid_amount` all that was ever paid for it, and `refunded_amount` what of that was
    given back.
    """

    id: UUID
    kind: BookingKind
    status: BookingStatus
    customer_id: UUID
    service_id: UUID | None
    provider_id: UUID | None
    event_id: UUID | None
    organizer_id: UUID | None
    title: str
    timezone: str
    starts_at: datetime
    starts_local: str
    ends_at: datetime
    blocked_from: datetime
    blocked_until: datetime
    seats: int
    items: list[list[Any]] | None
    price_amount: int
    price_currency: str
    discount_amount: int
    promo_code_id: UUID | None
    payment_status: PaymentStatus
    free_until_minutes: int
    late_fee_percent: int
    no_show_fee_percent: int | None
    no_show_fee_amount: int | None
    late_fee_amount: int
    missed_fee_amount: int
    deposit_percent: int | None
    deposit_amount: int | None
    deposit_rest: DepositRest | None
    paid_amount: int
    refunded_amount: int
    sequence: int
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
    def discount(self) -> Money | None:
        """Return what a code took off the price, None where nothing was."""
        return Money(self.discount_amount, self.price_currency) if self.discount_amount else None

    @property
    def cancellation_policy(self) -> CancellationPolicy:
        return CancellationPolicy(
            self.free_until_minutes,
            self.late_fee_percent,
            no_show_fee_of(self.no_show_fee_percent, self.no_show_fee_amount),
        )

    @property
    def deposit(self) -> Deposit | None:
        return deposit_of(self.deposit_percent, self.deposit_amount, self.deposit_rest)

    @property
    def kept_amount(self) -> int:
        """Return what was paid and not given back, in minor units."""
        return self.paid_amount - self.refunded_amount

    @property
    def late_fee(self) -> Money | None:
        """Return what was due for cancelling late or not coming, None where nothing was."""
        return Money(self.late_fee_amount, self.price_currency) if self.late_fee_amount else None

    @property
    def service_name(self) -> str | None:
        """Return what the service was called when it was booked; None of an event."""
        return self.title if self.kind is BookingKind.APPOINTMENT else None


@dataclass(frozen=True, slots=True)
class NamedBooking(Booking):
    """A booking with the name of its customer, as the one it is with sees it."""

    customer_name: str | None


Told = TypeVar("Told", bound=Booking)


class BookingSort(StrEnum):
    SOONEST = "starts_at"
    LATEST = "-starts_at"
    OLDEST = "created_at"
    NEWEST = "-created_at"


class BookingNotFound(NotFound):
    """There is no such booking."""


class SlotUnavailable(Conflict):
    """The requested time is not free."""

    example = {
        "alternatives": [
            {
                "starts_at": "2030-03-04T10:00:00Z",
                "ends_at": "2030-03-04T11:00:00Z",
                "provider_ids": ["0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"],
            }
        ]
    }


class InvalidTransition(Conflict):
    """The booking cannot change to that state."""


class TooLateToReschedule(Conflict):
    """It is too late to move this booking; it can be cancelled on its terms."""


class HasBookings(Conflict):
    """Bookings stand in the way."""


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


@dataclass(frozen=True, slots=True)
class BookingConfirmed(Message):
    """A request was granted; one that has to be prepaid is still pending, until it is paid."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class BookingDeclined(Message):
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class BookingExpired(Message):
    """Nobody paid for it, or granted it, as long as it was held."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class BookingReduced(Message):
    """Single tickets of it were given back."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class BookingRescheduled(Message):
    """From when to when, the change tells."""

    booking_id: UUID
    change_id: UUID


@dataclass(frozen=True, slots=True)
class BookingCompleted(Message):
    booking_id: UUID


@dataclass(frozen=True, slots=True)
class CustomerMissing(Message):
    """The customer did not come."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class BookingFilter:
    """Which bookings to list; None means any."""

    status: BookingStatus | None = None
    kind: BookingKind | None = None
    starts_from: datetime | None = None
    starts_before: datetime | None = None
    service_id: UUID | None = None
    event_id: UUID | None = None
    customer_id: UUID | None = None
    provider_id: UUID | None = None
    organizer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a cancellation costs and gives back, by the policy the booking was made under."""

    late: bool
    fee: Money
    refund: Money


def settlement(booking: Booking, *, by_customer: bool, now: datetime) -> Settlement:
    """Return what cancelling it now costs: nothing in time, or when it's not the customer's act."""
    nothing = Money(0, booking.price_currency)
    deadline = booking.starts_at - timedelta(minutes=booking.free_until_minutes)
    late = by_customer and booking.status is BookingStatus.CONFIRMED and now > deadline
    fee = booking.price.percent(booking.late_fee_percent) if late else nothing
    left = booking.kept_amount - booking.late_fee_amount - fee.amount
    return Settlement(late, fee, Money(max(left, 0), booking.price_currency))


def missed_fee(booking: Booking) -> Money:
    """Return what is due of somebody who did not come, by the policy of their booking."""
    fee = booking.cancellation_policy.no_show_fee
    if fee is None:
        return booking.price.percent(booking.late_fee_percent)
    return fee.of(booking.price, booking.seats)


def ensure_can_move(booking: Booking, *, by_customer: bool, now: datetime) -> None:
    """Refuse with InvalidTransition what is over, and a customer who would escape a late fee."""
    if booking.status not in ACTIVE or now >= booking.starts_at:
        raise InvalidTransition
    if (
        by_customer
        and booking.late_fee_percent
        and settlement(booking, by_customer=True, now=now).late
    ):
        raise TooLateToReschedule


def awaits_payment(booking: Booking) -> bool:
    """Tell whether it may be a payment that it waits for; or else somebody has to grant it."""
    unpaid = booking.payment_status is PaymentStatus.UNPAID
    return unpaid and booking.status is BookingStatus.PENDING


def as_of(booking: Told, now: datetime) -> Told:
    """Return it as it is at that moment: a hold whose time has passed is expired."""
    if booking.status is BookingStatus.PENDING and _lapsed(booking, now):
        return replace(booking, status=BookingStatus.EXPIRED)
    return booking


def _lapsed(booking: Booking, now: datetime) -> bool:
    return booking.hold_expires_at is not None and booking.hold_expires_at <= now
