"""Bookings as the API shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.bookings import (
    Booking,
    BookingFilter,
    BookingKind,
    BookingScope,
    BookingSort,
    BookingStatus,
    PaymentStatus,
    Settlement,
)
from app.domain.offerings import CancellationPolicy
from app.schemas.base import Id, Instant, ListQuery, Money, Request, Text, money_read

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_TIME = "2030-03-04T09:00:00Z"
AnId = Annotated[UUID, Field(examples=[SOME_ID])]
ATime = Annotated[datetime, Field(examples=[SOME_TIME])]


class BookingCreate(Request):
    """An appointment; without `provider_id` the least loaded free provider takes it."""

    service_id: Id
    starts_at: Instant
    provider_id: Id | None = None
    notes: Annotated[Text, Field(max_length=1000, examples=["Please ring twice."])] | None = None


class CancelRequest(Request):
    reason: Annotated[Text, Field(max_length=500, examples=["I am ill."])] | None = None


class CancellationPolicyRead(TypedDict):
    """Free until so many minutes before the start; after that a share of the price is due."""

    free_until_minutes: Annotated[int, Field(examples=[1440])]
    late_fee_percent: Annotated[int, Field(examples=[50])]


class BookingItemRead(TypedDict):
    ticket_type_id: Annotated[UUID | None, Field(examples=[None])]
    name: Annotated[str, Field(examples=["Haircut"])]
    quantity: Annotated[int, Field(examples=[1])]
    unit_price: Money
    total: Money


class BookingRead(TypedDict):
    id: AnId
    kind: BookingKind
    status: BookingStatus
    customer_id: AnId
    service_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    provider_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    event_id: Annotated[UUID | None, Field(examples=[None])]
    starts_at: ATime
    ends_at: Annotated[datetime, Field(examples=["2030-03-04T10:00:00Z"])]
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])]
    seats: Annotated[int, Field(examples=[1])]
    items: list[BookingItemRead]
    price: Money
    hold_expires_at: Annotated[datetime | None, Field(examples=[None])]
    payment_status: PaymentStatus
    cancellation_policy: CancellationPolicyRead
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


def policy_read(policy: CancellationPolicy) -> CancellationPolicyRead:
    return {
        "free_until_minutes": policy.free_until_minutes,
        "late_fee_percent": policy.late_fee_percent,
    }


def booking_read(booking: Booking) -> BookingRead:
    price = money_read(booking.price)
    return {
        "id": booking.id,
        "kind": booking.kind,
        "status": booking.status,
        "customer_id": booking.customer_id,
        "service_id": booking.service_id,
        "provider_id": booking.provider_id,
        "event_id": booking.event_id,
        "starts_at": booking.starts_at,
        "ends_at": booking.ends_at,
        "timezone": booking.timezone,
        "seats": booking.seats,
        "items": [
            {
                "ticket_type_id": None,
                "name": booking.title,
                "quantity": booking.seats,
                "unit_price": price,
                "total": price,
            }
        ],
        "price": price,
        "hold_expires_at": booking.hold_expires_at,
        "payment_status": booking.payment_status,
        "cancellation_policy": policy_read(booking.cancellation_policy),
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
