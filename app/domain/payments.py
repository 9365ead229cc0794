"""The vocabulary of payments, and how what a gateway reports is merged with what is known.

A gateway reports the same thing several times, late and in any order. So nothing here counts
events: a report is a fact about how far things have come, and merging facts gives the same
whatever the order and however often.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.money import Money


class GatewayName(StrEnum):
    SANDBOX = "sandbox"
    STRIPE = "stripe"
    FREEDOMPAY = "freedompay"
    WALLET = "wallet"
    CASH = "cash"


class PaymentMethod(StrEnum):
    CARD = "card"
    CREDIT_CARD = "credit_card"
    FREEDOMPAY = "freedompay"
    WALLET = "wallet"
    CASH = "cash"


class ChargeState(StrEnum):
    """How far a payment has come. Only `paid` and `cancelled` are final, and `paid` wins.

    `open`: the customer has to do something, also again after a try that failed; `authorized`:
    the money is kept for us, and has to be captured.
    """

    OPEN = "open"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAID = "paid"


HOW_FAR: Final = {state: place for place, state in enumerate(ChargeState)}


class RefundState(StrEnum):
    """`failed` may come after `succeeded`, when a bank sends the money back."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


REFUND_HOW_FAR: Final = {state: place for place, state in enumerate(RefundState)}


@dataclass(frozen=True, slots=True)
class RefundReport:
    """A refund as its gateway has it; `refund_id` is ours, None where the gateway began it."""

    reference: str
    refund_id: UUID | None
    amount: Money
    state: RefundState
    failure_code: str | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """A payment as its gateway has it. `amount` is what was captured once it is paid.

    `fee` is what the gateway kept of it, where it tells.
    """

    reference: str
    payment_id: UUID | None
    state: ChargeState
    amount: Money
    failure_code: str | None = None
    fee: Money | None = None
    refunds: tuple[RefundReport, ...] = ()
    disputed: Money | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One delivery of a gateway, its signature checked; no charge where it tells of none.

    `can_reject`: whether answering `Verdict.REJECTED` still gives the money back.
    """

    event_id: str
    kind: str
    charge: Charge | None
    can_reject: bool = False


class Verdict(StrEnum):
    """What a gateway is told of its delivery: `failed` asks it to come again."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Asked:
    """Money to ask for. `payment_id` is the key by which the gateway knows a repetition.

    `expires_at` is when it is no longer wanted; `return_url` where the customer's browser goes.
    """

    payment_id: UUID
    amount: Money
    description: str
    expires_at: datetime | None
    return_url: str
    email: str | None
    locale: str
    capture: bool = True


@dataclass(frozen=True, slots=True)
class Begun:
    """What the customer needs to pay, and how the payment stands now."""

    charge: Charge
    client_secret: str | None = None
    redirect_url: str | None = None


@dataclass(frozen=True, slots=True)
class AskedBack:
    """Money to give back. `refund_id` is the key by which the gateway knows a repetition.

    `known` are the references of all other refunds of the payment that we know of: where a
    gateway has no keys, one of this amount that is not among them is this one, done before.
    """

    refund_id: UUID
    payment_id: UUID
    reference: str
    amount: Money
    reason: str | None
    known: frozenset[str] = frozenset()


def further(known: ChargeState, reported: ChargeState) -> ChargeState:
    """Return the one that is further: never back, whatever comes late."""
    return max(known, reported, key=HOW_FAR.__getitem__)


def refund_further(known: RefundState, reported: RefundState) -> RefundState:
    return max(known, reported, key=REFUND_HOW_FAR.__getitem__)


def merged(known: Charge, reported: Charge) -> Charge:
    """Return what both together say of one payment; the order doesn't matter."""
    if HOW_FAR[reported.state] > HOW_FAR[known.state]:
        ahead, behind = reported, known
    else:
        ahead, behind = known, reported
    return replace(
        ahead,
        payment_id=ahead.payment_id or behind.payment_id,
        failure_code=ahead.failure_code or behind.failure_code,
        fee=ahead.fee or behind.fee,
        refunds=_merged_refunds(known.refunds, reported.refunds),
        disputed=ahead.disputed or behind.disputed,
    )


def _merged_refunds(
    known: tuple[RefundReport, ...], reported: tuple[RefundReport, ...]
) -> tuple[RefundReport, ...]:
    refunds: dict[str, RefundReport] = {}
    for one in (*known, *reported):
        before = refunds.get(one.reference)
        if before is None or REFUND_HOW_FAR[one.state] > REFUND_HOW_FAR[before.state]:
            refunds[one.reference] = one
    return tuple(refunds[reference] for reference in sorted(refunds))
