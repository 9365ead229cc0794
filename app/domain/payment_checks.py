"""How payments, bookings, books and gateways could disagree. Nothing of ours makes them so."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.payments import Charge, ChargeState, Payment, RefundState

MOST_SHOWN: Final = 20
MOST_ASKED: Final = 20
"""About how many payments each gateway is asked."""


class DisagreementKind(StrEnum):
    CAPTURED = "payment, as the books have it"
    DISPUTED = "payment, taken of it by a bank"
    REFUNDED = "payment, given back of it"
    PLANNED = "refund, as the books have it"
    ARRIVED = "refund that succeeded, as the books have it"
    DEPOSITS = "deposits of seller"
    BOOKING = "booking, how far it is paid"
    GROUP = "payment for several bookings, as its shares have it"
    COUNTED = "booking, what was paid for it"
    GATEWAY = "payment, as its gateway has it"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`found` is what stands where the kind says, `expected` what the payments say."""

    kind: DisagreementKind
    subject_id: UUID
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class GatewayAnswers:
    """What a gateway told of `asked` payments."""

    asked: int
    disagreements: list[Disagreement]


def compared(payment: Payment, charge: Charge | None) -> Disagreement | None:
    """Return how a payment that is not being changed differs from what its gateway has.

    All that is not paid is alike: no money has moved.
    """
    found, expected = _standing(payment.charge(), payment.refunded_amount), "nothing"
    if charge is not None:
        lasting = [one for one in charge.refunds if one.state is not RefundState.FAILED]
        expected = _standing(charge, sum(one.amount.amount for one in lasting))
    if found == expected:
        return None
    return Disagreement(DisagreementKind.GATEWAY, payment.id, expected, found)


def _standing(charge: Charge, given_back: int) -> str:
    if charge.state is not ChargeState.PAID:
        return "nothing"
    money = charge.amount
    return f"{money.amount} {money.currency} paid, {given_back} given back"
