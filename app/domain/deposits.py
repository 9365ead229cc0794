"""What is paid of a price to be confirmed, and when the rest of it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Invalid
from app.core.messages import Message
from app.core.money import Money, exponent

ALL: Final = 100
GATEWAYS_DIGITS: Final = 2
"""No gateway takes a third decimal: of dinars, a share ends in zero."""


class DepositKind(StrEnum):
    PERCENT = "percent"
    FIXED = "fixed"


class DepositRest(StrEnum):
    """`on_site`: paid when one is there; `later`: online, some time before the start."""

    ON_SITE = "on_site"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Deposit:
    """A share of the price in percent, or an amount for each seat in its minor units."""

    percent: int | None
    amount: int | None
    rest: DepositRest

    @property
    def kind(self) -> DepositKind:
        return DepositKind.FIXED if self.percent is None else DepositKind.PERCENT

    def of(self, price: Money, seats: int) -> Money:
        """Return what it comes to: something, where anything is to be paid, and never more.

        A share is rounded half away from zero, to what can be paid in that currency.
        """
        if self.percent is None:
            return Money(min((self.amount or 0) * seats, price.amount), price.currency)
        if self.percent == ALL:
            return price
        step = 10 ** max(exponent(price.currency) - GATEWAYS_DIGITS, 0)
        share = (price.amount * self.percent + 50 * step) // (100 * step) * step
        return Money(min(max(share, step), price.amount), price.currency)


def deposit_of(percent: int | None, amount: int | None, rest: DepositRest | None) -> Deposit | None:
    """Return what three columns say; None where there is none."""
    return Deposit(percent, amount, rest) if rest else None


class DepositOfNothing(Invalid):
    """What is free asks for no deposit."""

    pointer = "#/deposit"


class DepositExceedsPrice(Invalid):
    """A deposit is no more than the price."""

    pointer = "#/deposit/amount"


class DepositInOtherCurrency(Invalid):
    """A deposit is in the currency of the price."""

    pointer = "#/deposit/amount/currency"


@dataclass(frozen=True, slots=True)
class RestDue(Message):
    """The rest of what a booking costs is to be paid before it starts."""

    booking_id: UUID
