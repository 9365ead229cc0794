"""The vocabulary of wallets: what a customer has with the platform, to pay with or to hand on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from app.core.errors import Conflict
from app.core.ids import new_id
from app.core.money import Money, exponent
from app.domain.ledger import EntryKind

A_DAY: Final = timedelta(days=1)


class TransferLimitReached(Conflict):
    """That is more than you can transfer within 24 hours."""


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """What one sender may hand on within 24 hours.

    `daily` and `unproved` are whole units of whichever currency: 500 are 500 EUR, or 500 JPY.
    Above `unproved` the sender has to show once more who they are.
    """

    times: int
    daily: int
    unproved: int

    def needs_proof(self, amount: Money) -> bool:
        return amount.amount > minor(self.unproved, amount.currency)

    def ensure_within(self, sent: "Sent", currency: str) -> None:
        """Refuse with TransferLimitReached if that, this transfer included, is too much."""
        if sent.times > self.times or sent.amount > minor(self.daily, currency):
            raise TransferLimitReached


class Sent(NamedTuple):
    """How often somebody sent, and how much of one currency."""

    times: int
    amount: int


@dataclass(frozen=True, slots=True)
class Transfer:
    id: UUID
    from_user_id: UUID
    to_user_id: UUID
    amount: int
    currency: str
    note: str | None
    created_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class TransferWanted:
    to_user_id: UUID
    amount: Money
    note: str | None


@dataclass(frozen=True, slots=True)
class Movement:
    """What came into a wallet, or with a minus went out of it.

    `counterparty` is what the other one of a transfer is called, if there is such an account for
    everybody to see.
    """

    id: UUID
    kind: EntryKind
    amount: int
    currency: str
    counterparty: str | None
    note: str | None
    created_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class MovementSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class MovementFilter:
    """Whose wallet to look into; of which currency, None meaning any."""

    owner_id: UUID
    currency: str | None = None


def minor(units: int, currency: str) -> int:
    scale: int = 10 ** exponent(currency)
    return units * scale


def transfer(wanted: TransferWanted, *, sender_id: UUID, now: datetime) -> Transfer:
    return Transfer(
        id=new_id(),
        from_user_id=sender_id,
        to_user_id=wanted.to_user_id,
        amount=wanted.amount.amount,
        currency=wanted.amount.currency,
        note=wanted.note,
        created_at=now,
    )
