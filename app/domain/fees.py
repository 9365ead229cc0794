"""Fees for cancelling late and for not coming: what is due, charged to a saved card, or owed."""

from dataclasses import dataclass
from uuid import UUID

from app.core.errors import Conflict, Invalid
from app.core.messages import Message
from app.core.money import Money


@dataclass(frozen=True, slots=True)
class NoShowFee:
    """What not coming costs: a share of the price in percent, or an amount for each seat."""

    percent: int | None
    amount: int | None

    def of(self, price: Money, seats: int) -> Money:
        """Return what it comes to, and never more than the price."""
        if self.amount is None:
            return price.percent(self.percent or 0)
        return Money(min(self.amount * seats, price.amount), price.currency)


def no_show_fee_of(percent: int | None, amount: int | None) -> NoShowFee | None:
    """Return what two columns say; None where it costs as much as cancelling late."""
    return None if percent is None and amount is None else NoShowFee(percent, amount)


class NoShowFeeInOtherCurrency(Invalid):
    """A fee for not coming is in the currency of the price."""

    pointer = "#/cancellation_policy/no_show_fee/amount/currency"


class NoFee(Conflict):
    """There is no fee to waive."""


@dataclass(frozen=True, slots=True)
class FeeDue(Message):
    """A fee is to be taken from a saved card: the gateway has to be asked."""

    payment_id: UUID


@dataclass(frozen=True, slots=True)
class FeeOwed(Message):
    """Nobody could be charged for a fee: its customer has to pay it."""

    booking_id: UUID
