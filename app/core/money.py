"""Money: integer minor units of one currency, never a float (ISO 4217)."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

LARGEST: Final = 10**12
# What is legal tender somewhere today: neither marks and francs, nor XXX, "no currency".
CURRENCIES: Final = frozenset(
    code
    for used in get_global("territory_currencies").values()
    for code, _, until, is_tender in used
    if until is None and is_tender
)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` minor units: cents of EUR, yen of JPY, thousandths of KWD."""

    amount: int
    currency: str

    def plus(self, other: "Money") -> "Money":
        """Add money of the same currency; refuse another with a ValueError."""
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} can't be added")
        return Money(self.amount + other.amount, self.currency)

    def times(self, quantity: int) -> "Money":
        return Money(self.amount * quantity, self.currency)

    def percent(self, percent: int) -> "Money":
        """Return that share of it, half a minor unit rounded away from zero."""
        product = abs(self.amount) * percent
        share = (product + 50) // 100
        return Money(share if self.amount >= 0 else -share, self.currency)

    def written(self, locale: str) -> str:
        """Return it as a reader of that language expects: `45,00 €`."""
        major = Decimal(self.amount).scaleb(-exponent(self.currency))
        return format_currency(major, self.currency, locale=locale)


@lru_cache(maxsize=256)
def exponent(currency: str) -> int:
    """Return how many decimal digits the currency has."""
    return get_currency_precision(currency)
