"""The vocabulary of the books: every movement of money is an entry whose postings sum to zero.

A positive amount is a credit: somebody may have it of us. A negative one is a debit: we have it,
or somebody owes it. Nothing is ever changed or taken back; a correction is an entry of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.money import Money


class AccountKind(StrEnum):
    """`deposits` is what was paid for what is not over yet, of whom it is booked with.

    `refunds` is what was promised back and is not there yet; `gateway_clearing` what a gateway
    has of ours, `gateway_fees` what it kept, `payouts` what was sent to banks.
    """

    CUSTOMER_WALLET = "customer_wallet"
    DEPOSITS = "deposits"
    GATEWAY_CLEARING = "gateway_clearing"
    GATEWAY_FEES = "gateway_fees"
    ORGANIZER_PAYABLE = "organizer_payable"
    PAYOUTS = "payouts"
    PLATFORM_REVENUE = "platform_revenue"
    PROVIDER_PAYABLE = "provider_payable"
    REFUNDS = "refunds"


class EntryKind(StrEnum):
    """What happened; with the id of what it happened to, each is in the books once."""

    BOOKING_EARNED = "booking_earned"
    DISPUTE_FEE = "dispute_fee"
    DISPUTE_FEE_BACK = "dispute_fee_back"
    DISPUTE_REINSTATED = "dispute_reinstated"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    GATEWAY_FEE = "gateway_fee"
    PAYMENT_CAPTURED = "payment_captured"
    PAYOUT = "payout"
    REFUND_FAILED = "refund_failed"
    REFUND_PLANNED = "refund_planned"
    REFUND_SUCCEEDED = "refund_succeeded"
    WALLET_TOPPED_UP = "wallet_topped_up"
    WALLET_TRANSFER = "wallet_transfer"


OWNED: Final = frozenset(
    {
        AccountKind.CUSTOMER_WALLET,
        AccountKind.DEPOSITS,
        AccountKind.ORGANIZER_PAYABLE,
        AccountKind.PROVIDER_PAYABLE,
    }
)
"""Accounts that are somebody's; the others are the platform's own."""


class Account(NamedTuple):
    """`owner_id` is a user's; `gateway` tells several accounts of one kind apart, mostly empty."""

    kind: AccountKind
    owner_id: UUID | None = None
    gateway: str = ""


class Posting(NamedTuple):
    account: Account
    amount: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """`source_id` is what it happened to: a payment, a refund, a booking, a transfer."""

    id: UUID
    kind: EntryKind
    source_id: UUID
    note: str | None
    created_at: datetime


class Balance(NamedTuple):
    """A line of the trial balance."""

    account: AccountKind
    owner_id: UUID | None
    gateway: str
    balance: Money


class UnbalancedEntry(ValueError):
    """A bug, and never an answer: postings must sum to zero in each currency."""


class InsufficientFunds(Conflict):
    """There is not that much in the account."""


class AccountNotFound(NotFound):
    """There is no such account."""


class TransferToOneself(Invalid):
    """That would go from your wallet to your wallet."""

    pointer = "#/to_user_id"


def balanced(postings: Iterable[Posting]) -> list[Posting]:
    """Return one posting for each account and currency, in a fixed order, none of them zero.

    Whoever writes entries locks accounts in that order. Postings that don't sum to zero in each
    currency are an UnbalancedEntry.
    """
    sums: dict[tuple[Account, str], int] = {}
    totals: dict[str, int] = {}
    for account, amount in postings:
        key = (account, amount.currency)
        sums[key] = sums.get(key, 0) + amount.amount
        totals[amount.currency] = totals.get(amount.currency, 0) + amount.amount
    if any(totals.values()):
        raise UnbalancedEntry(f"these postings sum to {totals}")
    ordered = sorted(
        sums, key=lambda key: (key[0].kind, str(key[0].owner_id), key[0].gateway, key[1])
    )
    return [
        Posting(account, Money(sums[account, currency], currency))
        for account, currency in ordered
        if sums[account, currency]
    ]
