"""Amounts as Stripe writes them: its minor units are not always those of CLDR.

The source is docs.stripe.com/currencies: "Zero-decimal currencies", "Three-decimal currencies"
and "Special cases".
"""

from typing import Final

from app.core.money import Money, exponent
from app.domain.gateways import GatewayRefused

# UGX and ISK have no decimals either, and are written with two, which are always 00.
ZERO_DECIMAL: Final = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"}
    | {"PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DECIMAL: Final = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
THOUSANDTHS_STEP: Final = 10
"""The last of three decimals has to be zero."""


def to_stripe(money: Money) -> int:
    """Return the amount as Stripe wants it; GatewayRefused where it can't be written there.

    Nothing is rounded: what was agreed on is paid, or nothing.
    """
    amount, left = _scaled(money.amount, exponent(money.currency), _decimals(money.currency))
    if left or (money.currency in THREE_DECIMAL and amount % THOUSANDTHS_STEP):
        raise GatewayRefused("amount-not-representable")
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """Return money of ours; a part smaller than our minor unit is rounded, a half of it up."""
    currency = currency.upper()
    theirs, ours = _decimals(currency), exponent(currency)
    whole, left = _scaled(amount, theirs, ours)
    is_up = left > 0 and 2 * left >= 10 ** (theirs - ours)
    return Money(whole + is_up, currency)


def _decimals(currency: str) -> int:
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def _scaled(amount: int, given: int, wanted: int) -> tuple[int, int]:
    """Return the amount with that many decimals, and what is left over of it."""
    if wanted >= given:
        return amount * int(10 ** (wanted - given)), 0
    return divmod(amount, int(10 ** (given - wanted)))
