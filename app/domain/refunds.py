"""The vocabulary of money given back."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import Conflict, Invalid
from app.core.messages import Message
from app.core.money import Money
from app.domain.payments import RefundState


@dataclass(frozen=True, slots=True)
class Refund:
    id: UUID
    payment_id: UUID
    amount: int
    currency: str
    state: RefundState
    reason: str | None
    requested_by: UUID | None
    reference: str | None
    failure_code: str | None
    attempts: int
    created_at: datetime
    updated_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class RefundSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class RefundFilter:
    """Whose refunds to list."""

    payment_id: UUID


class RefundExceedsPayment(Conflict):
    """More than that is not left of what was paid."""

    example = {"left": {"amount": 1500, "currency": "EUR"}}


class OtherCurrency(Invalid):
    """It was paid in another currency."""

    pointer = "#/amount/currency"


@dataclass(frozen=True, slots=True)
class RefundPlanned(Message):
    """Money is to be given back: the gateway has to be asked."""

    refund_id: UUID


@dataclass(frozen=True, slots=True)
class RefundSettled(Message):
    """A refund has arrived, or failed for good."""

    refund_id: UUID
