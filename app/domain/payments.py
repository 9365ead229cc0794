"""The vocabulary of payments, and how what a gateway reports is merged with what is known.

A gateway reports the same thing several times, late and in any order. So nothing here counts
events: a report is a fact about how far things have come, and merging facts gives the same
whatever the order and however often.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.messages import Message
from app.core.money import Money
from app.domain.captures import CaptureMode
from app.domain.card_reports import CardReport
from app.domain.disputes import DisputeReport, merged_disputes, most


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


AT_HAND: Final = (PaymentMethod.WALLET, PaymentMethod.CASH)
"""Where no gateway has to be asked."""
KEYLESS: Final = (GatewayName.FREEDOMPAY,)
"""Who doesn't tell which of our refunds one is."""


LOOKED_AFTER: Final = timedelta(days=90)
"""How long a gateway is asked whether what was paid was given back, or taken back, there."""
FIRST_LOOK: Final = timedelta(hours=1)
LONGEST_PAUSE: Final = timedelta(days=3)


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

    `fee` is what the gateway kept of it, where it tells. A report that tells of a refund or a
    dispute alone is of an open charge of nothing: merged with what is known it changes neither.
    """

    reference: str
    payment_id: UUID | None
    state: ChargeState
    amount: Money
    failure_code: str | None = None
    fee: Money | None = None
    refunds: tuple[RefundReport, ...] = ()
    disputes: tuple[DisputeReport, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One delivery of a gateway, its signature checked; no charge where it tells of none.

    `can_reject`: whether answering `Verdict.REJECTED` still gives the money back; `is_question`:
    whether it asks if the payment is welcome, before there is any.
    """

    event_id: str
    kind: str
    charge: Charge | None
    can_reject: bool = False
    is_question: bool = False
    card: CardReport | None = None


class Verdict(StrEnum):
    """What a gateway is told of its delivery: `failed` asks it to come again."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Asked:
    """Money to ask for. `payment_id` is the key by which the gateway knows a repetition.

    `expires_at` is when it is no longer wanted; `return_url` where the customer's browser goes.
    `card` is one saved for `customer`, both by the gateway's names; `is_absent` where nobody is
    there to do anything: then it is taken at once, or not at all.
    """

    payment_id: UUID
    amount: Money
    description: str
    expires_at: datetime | None
    return_url: str
    email: str | None
    locale: str
    capture: bool = True
    customer: str | None = None
    card: str | None = None
    saves_card: bool = False
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """What the customer needs to pay, and how the payment stands now."""

    charge: Charge
    client_secret: str | None = field(default=None, repr=False)
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
    """Return what both together say of one payment; the order doesn't matter.

    Nor how often, nor which are merged first: of two things that can't both be, always the same
    one is taken.
    """
    behind, ahead = sorted((known, reported), key=_place)
    failures = (known.failure_code or "", reported.failure_code or "")
    return replace(
        ahead,
        reference=ahead.reference or behind.reference,
        payment_id=ahead.payment_id or behind.payment_id,
        failure_code=None if ahead.state is ChargeState.PAID else max(failures) or None,
        fee=most((known.fee, reported.fee)),
        refunds=_merged_refunds(known.refunds, reported.refunds),
        disputes=merged_disputes(*known.disputes, *reported.disputes),
    )


def _merged_refunds(
    known: tuple[RefundReport, ...], reported: tuple[RefundReport, ...]
) -> tuple[RefundReport, ...]:
    refunds: dict[str, RefundReport] = {}
    for one in (*known, *reported):
        before = refunds.get(one.reference, one)
        ahead = max(before, one, key=_refund_place)
        refunds[one.reference] = replace(ahead, refund_id=before.refund_id or one.refund_id)
    return tuple(refunds[reference] for reference in sorted(refunds))


def _place(charge: Charge) -> tuple[int, int, str]:
    return HOW_FAR[charge.state], *_worth(charge.amount)


def _refund_place(refund: RefundReport) -> tuple[int, int, str, str]:
    return REFUND_HOW_FAR[refund.state], *_worth(refund.amount), refund.failure_code or ""


def _worth(money: Money) -> tuple[int, str]:
    return money.amount, money.currency


class PaymentStatusShown(StrEnum):
    """How a payment stands, in the words of the API."""

    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


SHOWN: Final = {
    ChargeState.OPEN: PaymentStatusShown.REQUIRES_ACTION,
    ChargeState.PROCESSING: PaymentStatusShown.PROCESSING,
    ChargeState.AUTHORIZED: PaymentStatusShown.PROCESSING,
    ChargeState.FAILED: PaymentStatusShown.FAILED,
    ChargeState.CANCELLED: PaymentStatusShown.CANCELLED,
}
UNSETTLED: Final = (ChargeState.OPEN, ChargeState.PROCESSING, ChargeState.AUTHORIZED)


@dataclass(frozen=True, slots=True)
class Payment:
    """Money asked for. `refunded_amount` counts what was given back and what is on its way.

    `disputed_amount` is what a bank has taken over disputes, until it gives it back; `is_fee` one
    that we began, of what its customer owes for having cancelled late or not come.

    With `capture` its gateway is asked to keep the money first: since `authorized_at` it does, and
    `capture_amount` is what is to be taken of it, once that is decided.

    One for several bookings has `booking_ids`, in their order, and a share of each, whose
    `group_id` it is. Without any booking it tops up the payer's wallet.
    """

    id: UUID
    booking_id: UUID | None
    group_id: UUID | None
    booking_ids: list[UUID] | None
    user_id: UUID
    gateway: GatewayName
    method: PaymentMethod
    state: ChargeState
    amount: int
    currency: str
    captured_amount: int
    refunded_amount: int
    disputed_amount: int
    reference: str | None
    client_secret: str | None
    redirect_url: str | None
    failure_code: str | None
    card_id: UUID | None
    saves_card: bool
    is_fee: bool
    request_key: str | None
    paid_at: datetime | None
    created_at: datetime
    updated_at: datetime
    capture: CaptureMode = CaptureMode.AUTOMATIC
    capture_amount: int | None = None
    authorized_at: datetime | None = None

    @property
    def is_manual(self) -> bool:
        """Whether its gateway keeps the money until we take it."""
        return self.capture is CaptureMode.MANUAL

    @property
    def is_authorized(self) -> bool:
        """Whether its gateway keeps the money for us, to take it or to let it go."""
        return self.is_manual and self.state is ChargeState.AUTHORIZED

    @property
    def is_lost(self) -> bool:
        """Whether it failed for good, or what was kept of it was let go."""
        was_kept = self.is_manual and self.authorized_at is not None
        is_let_go = was_kept and self.state is ChargeState.CANCELLED
        return is_let_go or self.state is ChargeState.FAILED

    def may_be(self, paid: Money) -> bool:
        """Tell whether it is the sum that we asked for, or wanted to take of it."""
        return paid in (self.asked, replace(self.asked, amount=self.capture_amount or self.amount))

    @property
    def asked(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def paid_for(self) -> list[UUID]:
        """Return its bookings, in their order; none of a top-up."""
        if self.booking_ids is not None:
            return self.booking_ids
        return [self.booking_id] if self.booking_id else []

    @property
    def left(self) -> int:
        """Return what was captured and is still ours, in minor units.

        Under zero where it was given back and disputed, too.
        """
        return self.captured_amount - self.refunded_amount - self.disputed_amount

    @property
    def status(self) -> PaymentStatusShown:
        if self.is_authorized:
            return PaymentStatusShown.AUTHORIZED
        if self.state is not ChargeState.PAID:
            return SHOWN[self.state]
        if not self.refunded_amount:
            return PaymentStatusShown.SUCCEEDED
        whole = self.refunded_amount == self.captured_amount
        return PaymentStatusShown.REFUNDED if whole else PaymentStatusShown.PARTIALLY_REFUNDED

    def charge(self) -> Charge:
        """Return what we know of it, to ask its gateway for more."""
        return Charge(self.reference or "", self.id, self.state, self.asked, self.failure_code)


class PaymentSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which payments to list; None means any. `whole` are those that are no share of another."""

    booking_id: UUID | None = None
    group_id: UUID | None = None
    whole: bool | None = None
    user_id: UUID | None = None
    gateway: GatewayName | None = None


class PaymentNotFound(NotFound):
    """There is no such payment."""


class NotPayable(Conflict):
    """There is nothing to pay for it now."""


class AmountMismatch(Conflict):
    """Another sum was paid than was asked for."""


class MethodUnavailable(Invalid):
    """Nobody takes payments that way here."""

    pointer = "#/payment_method"


@dataclass(frozen=True, slots=True)
class PaymentSucceeded(Message):
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class PaymentFailed(Message):
    payment_id: UUID


@dataclass(frozen=True, slots=True)
class PaymentUncertain(Message):
    """Its gateway has to be asked how it stands."""

    payment_id: UUID
