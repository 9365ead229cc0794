"""The vocabulary of disputes: a customer's bank takes a payment back, and we may object.

As of payments, what a gateway reports are facts: how far a dispute has come, whether its money was
taken, and whether it was given back. Merged in whatever order, they say the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.messages import Message
from app.core.money import Money


class DisputeState(StrEnum):
    """`inquiry`: a bank asks, and takes nothing yet; `dropped`: it will not take anything."""

    INQUIRY = "inquiry"
    OPEN = "open"
    DROPPED = "dropped"
    LOST = "lost"
    WON = "won"


HOW_FAR: Final = {state: place for place, state in enumerate(DisputeState)}
UNDECIDED: Final = (DisputeState.INQUIRY, DisputeState.OPEN)


@dataclass(frozen=True, slots=True)
class DisputeReport:
    """A dispute as its gateway has it. `fee` is what the bank charged, `fee_back` what of it came
    back."""

    reference: str
    amount: Money
    state: DisputeState
    reason: str | None = None
    is_withdrawn: bool = False
    is_reinstated: bool = False
    fee: Money | None = None
    fee_back: Money | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """`withdrawn_at` is when we heard that the money was taken, `reinstated_at` that it is back.

    `borne_amount` is what the platform bears of it, where it was not to be had of anybody else.
    """

    id: UUID
    payment_id: UUID
    reference: str
    amount: int
    currency: str
    state: DisputeState
    reason: str | None
    withdrawn_at: datetime | None
    reinstated_at: datetime | None
    borne_amount: int
    created_at: datetime
    updated_at: datetime

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class DisputeSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class DisputeFilter:
    """Which disputes to list; None means any."""

    payment_id: UUID | None = None
    state: DisputeState | None = None


class DisputeNotFound(NotFound):
    """There is no such dispute."""


@dataclass(frozen=True, slots=True)
class DisputeMoved(Message):
    """A dispute has begun or was decided: those who look after the money have to know."""

    dispute_id: UUID


def heard_of(report: DisputeReport, *, payment_id: UUID, now: datetime) -> Dispute:
    """Return a dispute of which nothing was taken in yet but that it is there."""
    return Dispute(
        id=new_id(),
        payment_id=payment_id,
        reference=report.reference,
        amount=report.amount.amount,
        currency=report.amount.currency,
        state=DisputeState.INQUIRY,
        reason=report.reason,
        withdrawn_at=None,
        reinstated_at=None,
        borne_amount=0,
        created_at=now,
        updated_at=now,
    )


def taken_in(dispute: Dispute, report: DisputeReport, *, now: datetime) -> Dispute:
    """Return it with what is reported. What is lost, or came back, was taken before."""
    was_taken = report.is_withdrawn or report.is_reinstated or report.state is DisputeState.LOST
    return replace(
        dispute,
        state=further(dispute.state, report.state),
        reason=dispute.reason or report.reason,
        withdrawn_at=dispute.withdrawn_at or (now if was_taken else None),
        reinstated_at=dispute.reinstated_at or (now if report.is_reinstated else None),
        updated_at=now,
    )


def further(known: DisputeState, reported: DisputeState) -> DisputeState:
    """Return the one that is further: what was lost can still be won, and not the other way."""
    return max(known, reported, key=HOW_FAR.__getitem__)


def merged_disputes(*told: DisputeReport) -> tuple[DisputeReport, ...]:
    """Return what all together say, one report for each dispute; the order doesn't matter."""
    found: dict[str, DisputeReport] = {}
    for one in told:
        before = found.get(one.reference, one)
        found[one.reference] = _both(before, one)
    return tuple(found[reference] for reference in sorted(found))


def _both(one: DisputeReport, other: DisputeReport) -> DisputeReport:
    return replace(
        max(one, other, key=_place),
        reason=max(one.reason or "", other.reason or "") or None,
        is_withdrawn=one.is_withdrawn or other.is_withdrawn,
        is_reinstated=one.is_reinstated or other.is_reinstated,
        fee=most((one.fee, other.fee)),
        fee_back=most((one.fee_back, other.fee_back)),
    )


def most(told: Iterable[Money | None]) -> Money | None:
    """Return the largest that was told, None where none was."""
    given = [money for money in told if money is not None]
    return max(given, key=lambda money: (money.amount, money.currency), default=None)


def _place(report: DisputeReport) -> tuple[int, int, str]:
    return HOW_FAR[report.state], report.amount.amount, report.amount.currency
