"""Bookings as the API shows them."""

from datetime import datetime
from typing import Annotated, NotRequired
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.booking_items import BookingItem, items_of
from app.domain.bookings import (
    Booking,
    BookingFilter,
    BookingKind,
    BookingScope,
    BookingSort,
    BookingStatus,
    NamedBooking,
    PaymentStatus,
    Settlement,
)
from app.domain.dues import dues
from app.domain.event_bookings import Wanted
from app.domain.offerings import CancellationPolicy
from app.schemas.base import Id, Instant, Line, ListQuery, Money, Request, Text, Whole, money_read
from app.schemas.deposits import BookingDepositRead, booking_deposit_read
from app.schemas.fees import NoShowFeeRead, no_show_fee_read

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_TIME = "2030-03-04T09:00:00Z"
AnId = Annotated[UUID, Field(examples=[SOME_ID])]
Seats = Annotated[Whole, Field(ge=1, le=100, examples=[2])]
ATime = Annotated[datetime, Field(examples=[SOME_TIME])]


class TicketsGiven(Request):
    ticket_type_id: Id
    quantity: Seats


Tickets = Annotated[list[TicketsGiven], Field(min_length=1, max_length=20)]


class BookingCreate(Request):
    """An appointment, by `service_id` and `starts_at`, or seats at an event, by `event_id`.

    Without `provider_id` the least loaded free provider takes the appointment. Of an event say
    how many `seats`, or, where it has several ticket types, how many `tickets` of which.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"service_id": SOME_ID, "starts_at": SOME_TIME, "notes": "Please ring."}]
        }
    )

    event_id: Id | None = None
    service_id: Annotated[Id | None, Field(validate_default=True)] = None
    starts_at: Annotated[Instant | None, Field(validate_default=True)] = None
    provider_id: Id | None = None
    seats: Annotated[Seats | None, Field(validate_default=True)] = None
    tickets: Annotated[Tickets | None, Field(validate_default=True)] = None
    notes: Annotated[Text, Field(max_length=1000, examples=["Please ring twice."])] | None = None
    promo_code: Annotated[Line, Field(min_length=1, max_length=100, examples=["SPRING"])] | None = (
        None
    )
    """However it is typed: small and capital letters are the same."""

    @field_validator("service_id")
    @classmethod
    def _one_kind(cls, service_id: UUID | None, info: ValidationInfo) -> UUID | None:
        if "event_id" in info.data and (service_id is None) == (info.data["event_id"] is None):
            raise ValueError("Name a service or an event, and not both.")
        return service_id

    @field_validator("starts_at")
    @classmethod
    def _of_an_appointment(
        cls, starts_at: datetime | None, info: ValidationInfo
    ) -> datetime | None:
        if _names_one(info, "service_id") and starts_at is None:
            raise ValueError("Say when it is to start.")
        if _names_one(info, "event_id") and starts_at is not None:
            raise ValueError("An event has a time of its own.")
        return starts_at

    @field_validator("provider_id")
    @classmethod
    def _of_a_service(cls, provider_id: UUID | None, info: ValidationInfo) -> UUID | None:
        if provider_id is not None and _names_one(info, "event_id"):
            raise ValueError("Only a service is performed by providers.")
        return provider_id

    @field_validator("seats")
    @classmethod
    def _of_an_event(cls, seats: int | None, info: ValidationInfo) -> int | None:
        if seats is not None and _names_one(info, "service_id"):
            raise ValueError("Only an event has seats.")
        return seats

    @field_validator("tickets")
    @classmethod
    def _or_seats(
        cls, tickets: list[TicketsGiven] | None, info: ValidationInfo
    ) -> list[TicketsGiven] | None:
        if tickets is not None and _names_one(info, "service_id"):
            raise ValueError("Only an event has tickets.")
        if tickets is not None and info.data.get("seats") is not None:
            raise ValueError("Give seats or tickets, and not both.")
        is_missing = tickets is None and info.data.get("seats", 0) is None
        if is_missing and _names_one(info, "event_id"):
            raise ValueError("Say how many seats, or how many tickets of which type.")
        return tickets

    def wanted(self) -> list[Wanted]:
        """Return how many tickets of which type are asked for, of an event."""
        if self.tickets is None:
            return [Wanted(None, self.seats or 0)]
        return [Wanted(one.ticket_type_id, one.quantity) for one in self.tickets]


def _names_one(info: ValidationInfo, name: str) -> bool:
    return info.data.get(name) is not None


class CancelRequest(Request):
    reason: Annotated[Text, Field(max_length=500, examples=["I am ill."])] | None = None


class CancellationPolicyRead(TypedDict):
    """Free until so many minutes before the start; after that a share of the price is due."""

    free_until_minutes: Annotated[int, Field(examples=[1440])]
    late_fee_percent: Annotated[int, Field(examples=[50])]
    no_show_fee: NoShowFeeRead | None
    """What not coming costs; null where as much as cancelling late."""


class BookingItemRead(TypedDict):
    ticket_type_id: Annotated[UUID | None, Field(examples=[None])]
    name: Annotated[str, Field(examples=["Haircut"])]
    quantity: Annotated[int, Field(examples=[1])]
    unit_price: Money
    discount: NotRequired[Money]
    """What a promo code takes off all of them."""
    total: Money
    """With the discount taken off."""


class BookingRead(TypedDict):
    id: AnId
    kind: BookingKind
    status: BookingStatus
    customer_id: AnId
    service_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    provider_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    event_id: Annotated[UUID | None, Field(examples=[None])]
    title: Annotated[str, Field(examples=["Haircut"])]
    """What was booked, a service or an event, as it was called then."""
    service_name: Annotated[str | None, Field(examples=["Haircut"])]
    """As it was called when it was booked; null of an event."""
    customer_name: Annotated[str | None, Field(examples=["Ada Lovelace"])]
    """For whom it is with, and for staff; null of one's own bookings."""
    starts_at: ATime
    ends_at: Annotated[datetime, Field(examples=["2030-03-04T10:00:00Z"])]
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])]
    seats: Annotated[int, Field(examples=[1])]
    items: list[BookingItemRead]
    price: Money
    """What is left after the discount."""
    discount: Money | None
    """What a promo code took off; null where there was none."""
    hold_expires_at: Annotated[datetime | None, Field(examples=[None])]
    payment_status: PaymentStatus
    deposit: BookingDepositRead | None
    paid: Money
    """All that was ever paid for it."""
    refunded: Money
    """What was given back of that, and what is on its way."""
    due_now: Money
    """What confirms it or, where it is confirmed, is to be paid online before it starts."""
    due_later: Money
    """What is to be paid after that, or on site."""
    cancellation_policy: CancellationPolicyRead
    late_fee: Money | None
    """What was due for cancelling late or not coming; null where nothing was."""
    notes: Annotated[str | None, Field(examples=["Please ring twice."])]
    cancelled_at: Annotated[datetime | None, Field(examples=[None])]
    cancel_reason: Annotated[str | None, Field(examples=[None])]
    created_at: ATime
    updated_at: ATime


class RefundTermsRead(TypedDict):
    """What a cancellation costs: whether it was late, the fee, and what is given back."""

    late: Annotated[bool, Field(examples=[False])]
    fee: Money
    amount: Money


class CancelledBookingRead(BookingRead):
    refund: RefundTermsRead


def policy_read(policy: CancellationPolicy, currency: str) -> CancellationPolicyRead:
    return {
        "free_until_minutes": policy.free_until_minutes,
        "late_fee_percent": policy.late_fee_percent,
        "no_show_fee": no_show_fee_read(policy.no_show_fee, currency),
    }


def _items_read(booking: Booking) -> list[BookingItemRead]:
    """Return what is booked: an appointment is one thing, an event's seats are of some types."""
    items = items_of(booking)
    if booking.items is None:
        full, off = booking.price_amount + booking.discount_amount, booking.discount_amount
        items = [BookingItem("", booking.title, booking.seats, full, off)]
    return [_item_read(item, booking.price_currency) for item in items]


def _item_read(item: BookingItem, currency: str) -> BookingItemRead:
    told: BookingItemRead = {
        "ticket_type_id": UUID(item.ticket_type_id) if item.ticket_type_id else None,
        "name": item.name,
        "quantity": item.quantity,
        "unit_price": {"amount": item.unit_amount, "currency": currency},
        "total": {"amount": item.total, "currency": currency},
    }
    if item.discount_amount:
        told["discount"] = {"amount": item.discount_amount, "currency": currency}
    return told


def booking_read(booking: Booking) -> BookingRead:
    price, currency = money_read(booking.price), booking.price_currency
    due = dues(booking)
    return {
        "id": booking.id,
        "kind": booking.kind,
        "status": booking.status,
        "customer_id": booking.customer_id,
        "service_id": booking.service_id,
        "provider_id": booking.provider_id,
        "event_id": booking.event_id,
        "title": booking.title,
        "service_name": booking.service_name,
        "customer_name": booking.customer_name if isinstance(booking, NamedBooking) else None,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "timezone": booking.timezone,
        "seats": booking.seats,
        "items": _items_read(booking),
        "price": price,
        "discount": money_read(booking.discount) if booking.discount else None,
        "hold_expires_at": booking.hold_expires_at,
        "payment_status": booking.payment_status,
        "deposit": booking_deposit_read(booking),
        "paid": {"amount": booking.paid_amount, "currency": currency},
        "refunded": {"amount": booking.refunded_amount, "currency": currency},
        "due_now": money_read(due.now),
        "due_later": money_read(due.later),
        "cancellation_policy": policy_read(booking.cancellation_policy, booking.price_currency),
        "late_fee": money_read(booking.late_fee) if booking.late_fee else None,
        "notes": booking.notes,
        "cancelled_at": booking.cancelled_at,
        "cancel_reason": booking.cancel_reason,
        "created_at": booking.created_at,
        "updated_at": booking.updated_at,
    }


def cancelled_read(cancelled: tuple[Booking, Settlement]) -> CancelledBookingRead:
    booking, terms = cancelled
    return {
        **booking_read(booking),
        "refund": {
            "late": terms.late,
            "fee": money_read(terms.fee),
            "amount": money_read(terms.refund),
        },
    }


class BookingQuery(ListQuery):
    scope: BookingScope = BookingScope.MINE
    """Whose: one's own, those one performs or organizes, or (staff) all."""
    sort: BookingSort = BookingSort.SOONEST
    status: BookingStatus | None = None
    kind: BookingKind | None = None
    starts_from: Annotated[Instant | None, Field(alias="from")] = None
    """Starting at or after."""
    starts_before: Annotated[Instant | None, Field(alias="to")] = None
    """Starting before."""
    service_id: Id | None = None
    event_id: Id | None = None

    def wanted(self) -> BookingFilter:
        return BookingFilter(
            self.status,
            self.kind,
            self.starts_from,
            self.starts_before,
            self.service_id,
            self.event_id,
        )

    def page(self) -> PageRequest[BookingSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
