"""The vocabulary of top-ups: money paid into one's own wallet."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.money import Money
from app.domain.payments import ChargeState, GatewayName, Payment, PaymentMethod
from app.domain.wallets import minor

LASTS: Final = timedelta(days=1)
"""After which nobody waits for it any more."""


class TopUpOutOfBounds(Invalid):
    """That is less or more than can be paid into a wallet at once."""

    pointer = "#/amount/amount"


@dataclass(frozen=True, slots=True)
class TopUpBounds:
    """What one top-up may be, in whole units of whichever currency: 500 are 500 EUR, or 500 JPY."""

    least: int
    most: int

    def ensure_within(self, amount: Money) -> None:
        """Refuse with TopUpOutOfBounds."""
        least, most = minor(self.least, amount.currency), minor(self.most, amount.currency)
        if not least <= amount.amount <= most:
            raise TopUpOutOfBounds


@dataclass(frozen=True, slots=True)
class TopUpWanted:
    amount: Money
    method: PaymentMethod


def top_up(
    wanted: TopUpWanted,
    gateway: GatewayName,
    *,
    user_id: UUID,
    request_key: str | None,
    now: datetime,
) -> Payment:
    """Return a payment into the payer's wallet, which nobody was asked for yet."""
    return Payment(
        id=new_id(),
        booking_id=None,
        group_id=None,
        booking_ids=None,
        user_id=user_id,
        gateway=gateway,
        method=wanted.method,
        state=ChargeState.OPEN,
        amount=wanted.amount.amount,
        currency=wanted.amount.currency,
        captured_amount=0,
        refunded_amount=0,
        disputed_amount=0,
        reference=None,
        client_secret=None,
        redirect_url=None,
        failure_code=None,
        card_id=None,
        saves_card=False,
        is_fee=False,
        request_key=request_key,
        paid_at=None,
        created_at=now,
        updated_at=now,
    )
