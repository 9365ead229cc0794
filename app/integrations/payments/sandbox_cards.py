"""Cards that can be saved at the gateway without a bank, told by their last four digits.

What a card does when it is charged stands in its reference, so that every process knows.
"""

from typing import Any, Final
from uuid import UUID

from app.core.ids import new_id
from app.domain.card_reports import CardReport
from app.domain.payments import ChargeState

GOOD: Final = "4242"
TEST_CARDS: Final = {
    GOOD: None,
    "3155": "authentication_required",  # without its owner
    "0341": "card_declined",
}
EXPIRES: Final = (12, 2034)


def customer_of(user_id: UUID) -> str:
    return f"sandbox_cus_{user_id.hex}"


def new_card(customer: str, last4: str) -> CardReport:
    """Return a card that somebody has just saved; one that isn't known is good."""
    month, year = EXPIRES
    reference = f"sandbox_pm_{last4}_{new_id().hex}"
    return CardReport(reference, customer, "visa", last4, month, year)


def charged(card: str) -> tuple[ChargeState, str | None]:
    """Return what becomes of a payment when its owner is absent, and why."""
    failure = TEST_CARDS.get(card.split("_")[2])
    return (ChargeState.OPEN, failure) if failure else (ChargeState.PAID, None)


def card_written(card: CardReport | None) -> dict[str, Any] | None:
    if card is None:
        return None
    return {name: getattr(card, name) for name in CardReport.__slots__}


def card_read(told: Any) -> CardReport | None:
    return CardReport(**told) if told else None
