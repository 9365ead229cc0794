"""Fees for cancelling late and for not coming: charged to a saved card, or owed."""

from dataclasses import dataclass
from uuid import UUID

from app.core.errors import Conflict
from app.core.messages import Message


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
