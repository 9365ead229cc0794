"""What Stripe's objects say, in our words: those of its answers and those of its events.

The shapes are those of docs.stripe.com/api: PaymentIntent, Charge, Refund, Dispute, Event.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from app.core.money import Money
from app.domain.card_reports import CardReport
from app.domain.disputes import DisputeReport, DisputeState
from app.domain.payments import Charge, ChargeState, Notice, RefundReport, RefundState
from app.integrations.payments.stripe_amounts import from_stripe

Document = Mapping[str, Any]
WORD: Final = re.compile(r"[A-Za-z0-9_.:-]{1,255}")
LONGEST_CODE: Final = 40
STATES: Final = {
    "requires_payment_method": ChargeState.OPEN,
    "requires_confirmation": ChargeState.OPEN,
    "requires_action": ChargeState.OPEN,
    "processing": ChargeState.PROCESSING,
    "requires_capture": ChargeState.AUTHORIZED,
    "succeeded": ChargeState.PAID,
    "canceled": ChargeState.CANCELLED,
}
REFUND_STATES: Final = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
DISPUTE_STATES: Final = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.DROPPED,
    "prevented": DisputeState.DROPPED,
    "needs_response": DisputeState.OPEN,
    "under_review": DisputeState.OPEN,
    "lost": DisputeState.LOST,
    "won": DisputeState.WON,
}
WITHDRAWN: Final = "charge.dispute.funds_withdrawn"
REINSTATED: Final = "charge.dispute.funds_reinstated"
REFUND_EVENTS: Final = ("refund.", "charge.refund.")
RELEASED: Final = "expired_uncaptured_charge"
"""Why Stripe "refunds" what was authorized and never taken."""


class Unreadable(Exception):
    """It is not what Stripe writes."""


def read_event(body: bytes) -> Document:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable from None
    if not isinstance(document, dict):
        raise Unreadable
    return document


def notice_of(event: Document) -> Notice:
    """Return what an event says; one of a kind that tells nothing of a payment has no charge."""
    try:
        kind, about = word(event["type"]), event["data"]["object"]
        charge, card = _charge_told(kind, about), _card_told(kind, about)
        return Notice(word(event["id"]), kind, charge, card=card)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable from None


def charge_of(intent: Document) -> Charge:
    """Return a PaymentIntent as a charge; fee and refunds where its latest charge is expanded."""
    try:
        return _charge_of(intent)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable from None


def refund_of(refund: Document) -> RefundReport:
    try:
        return _refund_of(refund)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable from None


def dispute_of(dispute: Document, kind: str = "") -> DisputeReport:
    """Return a dispute, as it is listed or as an event of that kind has it.

    That money was taken or came back is told by the event, and by what moved in our balance.
    """
    try:
        return _dispute_of(dispute, kind)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable from None


def card_of(method: Document) -> CardReport | None:
    """Return a payment method that is a card; None of any other."""
    try:
        return _card_of(method)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable from None


def ours(document: Document, name: str) -> UUID | None:
    """Return an id of ours that was written into the metadata; None where there is none."""
    try:
        return UUID((document.get("metadata") or {})[name])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def word(value: object) -> str:
    """Return an id or a code, which can be stored wherever text can; refuse with ValueError."""
    if not isinstance(value, str) or not WORD.fullmatch(value):
        raise ValueError("neither an id nor a code")
    return value


def code(value: object) -> str | None:
    return value[:LONGEST_CODE] if isinstance(value, str) and WORD.fullmatch(value) else None


def _charge_told(kind: str, about: Document) -> Charge | None:
    if kind.startswith("payment_intent."):
        return _charge_of(about)
    if kind == "charge.refunded":
        return _refunded(about)
    if kind.startswith(REFUND_EVENTS):
        is_release = about.get("reason") == RELEASED
        return _aside(about, refunds=() if is_release else (_refund_of(about),))
    if kind.startswith("charge.dispute."):
        return _aside(about, disputes=(_dispute_of(about, kind),))
    return None


def _card_told(kind: str, about: Document) -> CardReport | None:
    if not kind.startswith("payment_method."):
        return None
    return _card_of(about, is_removed=kind.endswith(".detached"))


def _card_of(method: Document, *, is_removed: bool = False) -> CardReport | None:
    if method["type"] != "card":
        return None
    card, customer = method["card"], method.get("customer")
    if not re.fullmatch("[0-9]{4}", card["last4"]):
        raise ValueError("not the end of a card")
    return CardReport(
        reference=word(method["id"]),
        customer=word(customer) if customer else None,
        brand=code(card["brand"]) or "card",
        last4=card["last4"],
        expires_month=int(card["exp_month"]),
        expires_year=int(card["exp_year"]),
        is_removed=is_removed,
    )


def _charge_of(intent: Document) -> Charge:
    state = STATES[intent["status"]]
    is_paid = state is ChargeState.PAID
    latest = intent.get("latest_charge")
    latest = latest if isinstance(latest, Mapping) else {}
    return Charge(
        reference=word(intent["id"]),
        payment_id=ours(intent, "payment_id"),
        state=state,
        amount=_money(intent, "amount_received" if is_paid else "amount"),
        failure_code=_failure(intent),
        fee=_fee(latest) if is_paid else None,
        refunds=refunds_within(latest) if is_paid else (),
    )


def refunds_within(charge: Document) -> tuple[RefundReport, ...]:
    """Return what was given back, without what was never taken.

    A charge captured for less "refunds" the rest of what was authorized.
    """
    listed = charge.get("refunds") or {}
    refunds = [refund for refund in listed.get("data", ()) if refund.get("reason") != RELEASED]
    released = charge["amount"] - charge["amount_captured"] if refunds else 0
    for refund in refunds:
        if released and refund["amount"] == released and ours(refund, "refund_id") is None:
            refunds.remove(refund)
            break
    return tuple(_refund_of(refund) for refund in refunds)


def _refunded(charge: Document) -> Charge | None:
    if not charge.get("payment_intent"):
        return None
    if not charge["captured"]:  # released, not refunded
        return _aside(charge)
    return Charge(
        reference=_intent(charge),
        payment_id=ours(charge, "payment_id"),
        state=ChargeState.PAID,
        amount=_money(charge, "amount_captured"),
        refunds=refunds_within(charge),
    )


def _aside(
    about: Document,
    *,
    refunds: tuple[RefundReport, ...] = (),
    disputes: tuple[DisputeReport, ...] = (),
) -> Charge | None:
    """Return a charge that says nothing of how far it has come, nor of its whole amount.

    An open one of nothing: merged with what is known it changes neither.
    """
    if not about.get("payment_intent"):
        return None
    return Charge(
        reference=_intent(about),
        payment_id=ours(about, "payment_id"),
        state=ChargeState.OPEN,
        amount=Money(0, _money(about, "amount").currency),
        refunds=refunds,
        disputes=disputes,
    )


def _refund_of(refund: Document) -> RefundReport:
    state = REFUND_STATES[refund["status"]]
    failed = state is RefundState.FAILED
    return RefundReport(
        reference=word(refund["id"]),
        refund_id=ours(refund, "refund_id"),
        amount=_money(refund, "amount"),
        state=state,
        failure_code=(code(refund.get("failure_reason")) or "canceled") if failed else None,
    )


def _dispute_of(dispute: Document, kind: str) -> DisputeReport:
    moves = [move for move in dispute.get("balance_transactions") or () if move["amount"]]
    taken = [move for move in moves if move["amount"] < 0]
    returned = [move for move in moves if move["amount"] > 0]
    return DisputeReport(
        reference=word(dispute["id"]),
        amount=_money(dispute, "amount"),
        state=DISPUTE_STATES[dispute["status"]],
        reason=code(dispute.get("reason")),
        is_withdrawn=kind == WITHDRAWN or bool(taken),
        is_reinstated=kind == REINSTATED or bool(returned),
        fee=_charged(taken, 1),
        fee_back=_charged(returned, -1),
    )


def _charged(moves: list[Document], sign: int) -> Money | None:
    """Return the fee of a move in the balance; one that comes back is under zero there."""
    fees = [move for move in moves if move["fee"] * sign > 0]
    return _money({**fees[0], "fee": fees[0]["fee"] * sign}, "fee") if fees else None


def _failure(intent: Document) -> str | None:
    error = intent.get("last_payment_error") or {}
    return code(error.get("decline_code")) or code(error.get("code"))


def _fee(charge: Document) -> Money | None:
    """Return what Stripe kept, in the currency it pays out, which may be another one."""
    moved = charge.get("balance_transaction")
    return _money(moved, "fee") if isinstance(moved, Mapping) else None


def _intent(about: Document) -> str:
    intent = about["payment_intent"]
    return word(intent["id"] if isinstance(intent, Mapping) else intent)


def _money(document: Document, name: str) -> Money:
    amount, currency = document[name], document["currency"]
    if type(amount) is not int or amount < 0 or not re.fullmatch("[a-zA-Z]{3}", currency):
        raise ValueError("not money")
    return from_stripe(amount, currency)
