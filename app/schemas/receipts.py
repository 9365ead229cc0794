"""Receipts as the API shows them."""

from typing import Annotated, Any, NotRequired
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core import money
from app.core.listing import PageRequest
from app.domain.payments import PaymentMethod
from app.domain.receipts import (
    Receipt,
    ReceiptContent,
    ReceiptFilter,
    ReceiptKind,
    ReceiptLine,
    ReceiptScope,
    ReceiptSort,
    shown,
)
from app.schemas.base import Id, ListQuery, Money, money_read
from app.schemas.bookings import SOME_ID, AnId, ATime

PDF: dict[str, Any] = {
    "description": "A page of A4, or some.",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


class ReceiptLineRead(TypedDict):
    name: Annotated[str, Field(examples=["Haircut"])]
    quantity: Annotated[int, Field(examples=[1])]
    unit_price: Money
    discount: NotRequired[Money]
    """Taken off the amount already."""
    amount: Money


class ReceiptRead(TypedDict):
    id: AnId
    kind: ReceiptKind
    number: Annotated[str, Field(examples=["000042"])]
    """Counts all of this issuer, without gaps."""
    receipt_number: Annotated[str | None, Field(examples=[None])]
    """Of the receipt that a credit note is about."""
    issuer_id: AnId
    issuer_name: Annotated[str | None, Field(examples=["Vera Barber"])]
    customer_id: AnId
    customer_name: Annotated[str | None, Field(examples=["Ada Lovelace"])]
    booking_id: AnId
    payment_id: AnId
    refund_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    title: Annotated[str, Field(examples=["Haircut"])]
    payment_method: PaymentMethod
    lines: list[ReceiptLineRead]
    amount: Money
    issued_at: ATime


def receipt_read(receipt: Receipt) -> ReceiptRead:
    content: ReceiptContent = receipt.content
    about = content["receipt_number"]
    return {
        "id": receipt.id,
        "kind": receipt.kind,
        "number": receipt.shown_number,
        "receipt_number": None if about is None else shown(about),
        "issuer_id": receipt.issuer_id,
        "issuer_name": content["issuer_name"],
        "customer_id": receipt.customer_id,
        "customer_name": content["customer_name"],
        "booking_id": receipt.booking_id,
        "payment_id": receipt.payment_id,
        "refund_id": receipt.refund_id,
        "title": content["title"],
        "payment_method": content["method"],
        "lines": [_line(line, receipt.currency) for line in content["lines"]],
        "amount": money_read(receipt.money),
        "issued_at": receipt.issued_at,
    }


def _line(line: ReceiptLine, currency: str) -> ReceiptLineRead:
    told: ReceiptLineRead = {
        "name": line["name"],
        "quantity": line["quantity"],
        "unit_price": money_read(money.Money(line["unit_price"], currency)),
        "amount": money_read(money.Money(line["amount"], currency)),
    }
    if "discount" in line:
        told["discount"] = money_read(money.Money(line["discount"], currency))
    return told


class ReceiptQuery(ListQuery):
    sort: ReceiptSort = ReceiptSort.NEWEST
    scope: ReceiptScope = ReceiptScope.MINE
    """Those one got, those of one's sales, or everybody's."""
    payment_id: Id | None = None
    kind: ReceiptKind | None = None
    customer_id: Id | None = None
    issuer_id: Id | None = None

    def wanted(self) -> ReceiptFilter:
        return ReceiptFilter(self.customer_id, self.issuer_id, self.payment_id, self.kind)

    def page(self) -> PageRequest[ReceiptSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
