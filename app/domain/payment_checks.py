"""How payments, bookings and the books could disagree. Nothing of ours makes them: this looks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

MOST_SHOWN: Final = 20


class DisagreementKind(StrEnum):
    CAPTURED = "payment, as the books have it"
    REFUNDED = "payment, given back of it"
    PLANNED = "refund, as the books have it"
    ARRIVED = "refund that succeeded, as the books have it"
    DEPOSITS = "deposits of seller"
    BOOKING = "booking, how far it is paid"
    COUNTED = "booking, what was paid for it"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`found` is what stands where the kind says, `expected` what the payments say."""

    kind: DisagreementKind
    subject_id: UUID
    expected: str
    found: str
