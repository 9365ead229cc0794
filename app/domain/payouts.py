"""The vocabulary of what is paid out to those who sell.

A payout is proposed, and then paid by hand at a bank or cancelled; only paid ones are in the
books. What is proposed is no longer free to be proposed again.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.messages import Message
from app.core.money import Money
from app.domain.ledger import AccountKind


class PayoutStatus(StrEnum):
    PROPOSED = "proposed"
    PAID = "paid"
    CANCELLED = "cancelled"


class PayoutSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


class PayoutNotFound(NotFound):
    """There is no such payout."""


class PayoutSettled(Conflict):
    """This payout was paid or cancelled already."""


@dataclass(frozen=True, slots=True)
class PayoutProposed(Message):
    payout_id: UUID


@dataclass(frozen=True, slots=True)
class PayoutPaid(Message):
    payout_id: UUID


@dataclass(frozen=True, slots=True)
class PayoutCancelled(Message):
    payout_id: UUID


@dataclass(frozen=True, slots=True)
class Payout:
    """`account` is the one it is taken from, whose owner is paid."""

    id: UUID
    owner_id: UUID
    account: AccountKind
    amount: int
    currency: str
    status: PayoutStatus
    note: str | None
    proposed_by: UUID
    settled_by: UUID | None
    settled_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    def ensure_open(self) -> None:
        if self.status is not PayoutStatus.PROPOSED:
            raise PayoutSettled


@dataclass(frozen=True, slots=True)
class PayoutWanted:
    owner_id: UUID
    account: AccountKind
    amount: Money
    note: str | None


@dataclass(frozen=True, slots=True)
class PayoutFilter:
    """Which payouts to list; None means any."""

    owner_id: UUID | None = None
    status: PayoutStatus | None = None


def proposed(wanted: PayoutWanted, *, by: UUID, now: datetime) -> Payout:
    return Payout(
        id=new_id(),
        owner_id=wanted.owner_id,
        account=wanted.account,
        amount=wanted.amount.amount,
        currency=wanted.amount.currency,
        status=PayoutStatus.PROPOSED,
        note=wanted.note,
        proposed_by=by,
        settled_by=None,
        settled_at=None,
        created_at=now,
        updated_at=now,
    )
