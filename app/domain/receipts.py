"""The vocabulary of receipts: papers about money, numbered, and never changed once issued."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, NotRequired, TypedDict
from uuid import UUID

from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.money import Money
from app.domain.booking_items import items_of
from app.domain.bookings import Booking
from app.domain.payments import Payment, PaymentMethod


class ReceiptKind(StrEnum):
    """A reversal takes a credit note back: its money came back from the customer's bank."""

    RECEIPT = "receipt"
    CREDIT_NOTE = "credit_note"
    REVERSAL = "reversal"


class ReceiptLine(TypedDict):
    """`unit_price` and `amount` are in minor units of the receipt's currency, and
    so is the `discount`, which is taken off already."""

    name: str
    quantity: int
    unit_price: int
    discount: NotRequired[int]
    amount: int


class ReceiptContent(TypedDict):
    """What was so when it was issued, whatever became of it since. Tax is not told apart.

    `receipt_number` is of the receipt that a credit note or a reversal is about.
    """

    issuer_name: str | None
    customer_name: str | None
    title: str
    starts_at: str
    timezone: str
    method: PaymentMethod
    lines: list[ReceiptLine]
    receipt_number: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """`number` counts all that one issuer ever issued, from 1, without gaps.

    The amount is positive of a credit note too. `content` is a ReceiptContent.
    """

    id: UUID
    kind: ReceiptKind
    issuer_id: UUID
    number: int
    customer_id: UUID
    payment_id: UUID
    refund_id: UUID | None
    booking_id: UUID
    amount: int
    currency: str
    content: Any
    issued_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def shown_number(self) -> str:
        """Return the number as it stands on the paper."""
        return shown(self.number)


class Names(NamedTuple):
    """Who issues a receipt, and to whom, by name."""

    issuer: str | None
    customer: str | None


class ReceiptScope(StrEnum):
    """Whose receipts to list: those one got, those of one's sales, or everybody's."""

    MINE = "mine"
    SALES = "sales"
    ALL = "all"


class ReceiptSort(StrEnum):
    OLDEST = "issued_at"
    NEWEST = "-issued_at"


@dataclass(frozen=True, slots=True)
class ReceiptFilter:
    """Which receipts to list; None means any."""

    customer_id: UUID | None = None
    issuer_id: UUID | None = None
    payment_id: UUID | None = None
    kind: ReceiptKind | None = None


class ReceiptNotFound(NotFound):
    """There is no such receipt."""


def shown(number: int) -> str:
    return f"{number:06d}"


def issued(
    kind: ReceiptKind,
    payment: Payment,
    booking: Booking,
    amount: Money,
    *,
    issuer_id: UUID,
    names: Names,
    refund_id: UUID | None,
    about: int | None,
    now: datetime,
) -> Receipt:
    """Return a receipt that has no number yet; `about` is the number of the one it is about."""
    content: ReceiptContent = {
        "issuer_name": names.issuer,
        "customer_name": names.customer,
        "title": booking.title,
        "starts_at": booking.starts_at.isoformat(),
        "timezone": booking.timezone,
        "method": payment.method,
        "lines": lines(booking, amount),
        "receipt_number": about,
    }
    return Receipt(
        id=new_id(),
        kind=kind,
        issuer_id=issuer_id,
        number=0,
        customer_id=booking.customer_id,
        payment_id=payment.id,
        refund_id=refund_id,
        booking_id=booking.id,
        amount=amount.amount,
        currency=amount.currency,
        content=content,
        issued_at=now,
    )


def lines(booking: Booking, amount: Money) -> list[ReceiptLine]:
    """Return what the amount is for: what was sold, or one line where it is another sum."""
    sold = [
        _line(item.name, item.quantity, item.unit_amount, item.discount_amount)
        for item in items_of(booking)
    ]
    if sold and sum(line["amount"] for line in sold) == amount.amount:
        return sold
    return [_line(booking.title, 1, amount.amount)]


def _line(name: str, quantity: int, unit_price: int, discount: int = 0) -> ReceiptLine:
    line: ReceiptLine = {
        "name": name,
        "quantity": quantity,
        "unit_price": unit_price,
        "amount": quantity * unit_price - discount,
    }
    if discount:
        line["discount"] = discount
    return line
