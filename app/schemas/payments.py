"""Payments and refunds as the API shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core import money
from app.core.listing import PageRequest
from app.domain.captures import CaptureMode
from app.domain.cards import CardChoice
from app.domain.group_payments import MOST
from app.domain.payments import (
    GatewayName,
    Payment,
    PaymentFilter,
    PaymentMethod,
    PaymentSort,
    PaymentStatusShown,
    RefundState,
)
from app.domain.refunds import Refund, RefundSort
from app.schemas.base import (
    Currency,
    Flag,
    Id,
    ListQuery,
    Money,
    Request,
    Text,
    Whole,
    money_read,
)
from app.schemas.bookings import SOME_ID, AnId, ATime


class PaymentCreate(Request):
    """What is due for a booking, or for several bookings of one customer in one currency."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"booking_id": SOME_ID, "payment_method": "card"}]}
    )

    booking_id: Id | None = None
    booking_ids: Annotated[
        Annotated[list[Id], Field(min_length=1, max_length=MOST)] | None,
        Field(validate_default=True),
    ] = None
    """Instead of `booking_id`: all of them are paid for, or none."""
    payment_method: PaymentMethod
    saved_card_id: Id | None = None
    """One of one's own, kept by the gateway that takes it."""
    save_card: Flag = False
    """Keep the card for later, also for fees that the terms of a booking speak of."""

    def card(self) -> CardChoice:
        return CardChoice(self.saved_card_id, self.save_card)

    @field_validator("booking_ids")
    @classmethod
    def _one_or_several(
        cls, booking_ids: list[UUID] | None, info: ValidationInfo
    ) -> list[UUID] | None:
        if "booking_id" in info.data and (booking_ids is None) == (info.data["booking_id"] is None):
            raise ValueError("Name a booking or several, and not both.")
        if booking_ids is not None and len(set(booking_ids)) < len(booking_ids):
            raise ValueError("Name each booking once.")
        return booking_ids

    def paid_for(self) -> list[UUID]:
        """Return the bookings, one or several."""
        return self.booking_ids or ([self.booking_id] if self.booking_id else [])


class SumGiven(Request):
    """An amount in minor units, more than nothing."""

    amount: Annotated[Whole, Field(ge=1, le=money.LARGEST, examples=[1500])]
    currency: Currency

    def value(self) -> money.Money:
        return money.Money(self.amount, self.currency)


class RefundCreate(Request):
    booking_id: Id | None = None
    """Of which booking, where it was paid for several."""
    amount: SumGiven | None = None
    """All that is left of the payment without."""
    reason: Annotated[Text, Field(max_length=500, examples=["The room was cold."])] | None = None


class PaymentRead(TypedDict):
    id: AnId
    booking_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    """Null where it is for several, or for none."""
    booking_ids: Annotated[list[UUID], Field(examples=[[SOME_ID]])]
    """All that are paid for by it; none by a top-up."""
    group_id: Annotated[UUID | None, Field(examples=[None])]
    """The payment for several bookings that it is a share of."""
    amount: Money
    refunded: Money
    """What was given back, and what is on its way."""
    disputed: Money
    """What a bank has taken back over disputes, until these are won."""
    status: PaymentStatusShown
    capture: CaptureMode
    """`manual`: once it is `authorized` the card's bank keeps the money, and it is taken when the
    request is granted, or at the visit; all of it, or less, or nothing."""
    captured: Money
    """What was taken."""
    gateway: GatewayName
    payment_method: PaymentMethod
    is_fee: Annotated[bool, Field(examples=[False])]
    """Whether we began it, of what is owed for having cancelled late or not come."""
    saved_card_id: Annotated[UUID | None, Field(examples=[None])]
    """The saved card it is paid with, where one was chosen."""
    client_secret: Annotated[str | None, Field(examples=["pi_123_secret_456"])]
    """What the customer's app pays with; null once there is nothing to do."""
    redirect_url: Annotated[str | None, Field(examples=[None])]
    """Where the customer's browser pays; null once there is nothing to do."""
    failure_code: Annotated[str | None, Field(examples=[None])]
    paid_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime
    updated_at: ATime


class RefundRead(TypedDict):
    id: AnId
    payment_id: AnId
    amount: Money
    status: RefundState
    reason: Annotated[str | None, Field(examples=["The room was cold."])]
    failure_code: Annotated[str | None, Field(examples=[None])]
    created_at: ATime
    updated_at: ATime


def payment_read(payment: Payment) -> PaymentRead:
    to_do = payment.status is PaymentStatusShown.REQUIRES_ACTION
    return {
        "id": payment.id,
        "booking_id": payment.booking_id,
        "booking_ids": payment.paid_for,
        "group_id": payment.group_id,
        "amount": money_read(payment.asked),
        "refunded": money_read(money.Money(payment.refunded_amount, payment.currency)),
        "disputed": money_read(money.Money(payment.disputed_amount, payment.currency)),
        "status": payment.status,
        "capture": payment.capture,
        "captured": money_read(money.Money(payment.captured_amount, payment.currency)),
        "gateway": payment.gateway,
        "payment_method": payment.method,
        "is_fee": payment.is_fee,
        "saved_card_id": payment.card_id,
        "client_secret": payment.client_secret if to_do else None,
        "redirect_url": payment.redirect_url if to_do else None,
        "failure_code": payment.failure_code,
        "paid_at": payment.paid_at,
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
    }


def refund_read(refund: Refund) -> RefundRead:
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "amount": money_read(refund.money),
        "status": refund.state,
        "reason": refund.reason,
        "failure_code": refund.failure_code,
        "created_at": refund.created_at,
        "updated_at": refund.updated_at,
    }


class PaymentQuery(ListQuery):
    sort: PaymentSort = PaymentSort.NEWEST
    booking_id: Id | None = None
    group_id: Id | None = None
    """The shares of a payment for several bookings; without, and without `booking_id`, shares
    are left out."""
    gateway: GatewayName | None = None

    def wanted(self) -> PaymentFilter:
        is_whole = self.booking_id is None and self.group_id is None
        return PaymentFilter(self.booking_id, self.group_id, is_whole or None, gateway=self.gateway)

    def page(self) -> PageRequest[PaymentSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


class RefundQuery(ListQuery):
    sort: RefundSort = RefundSort.NEWEST

    def page(self) -> PageRequest[RefundSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
