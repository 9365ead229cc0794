"""What FreedomPay says, in our words: amounts, how far a payment has come, what was given back."""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Final
from uuid import UUID

from app.core.money import CURRENCIES, LARGEST, Money, exponent
from app.domain.gateways import GatewayRefused
from app.domain.payments import Charge, ChargeState, RefundReport, RefundState
from app.integrations.payments.freedompay_calling import Fields
from app.integrations.payments.freedompay_xml import Unusable

MOST_DECIMALS: Final = 2
DEAREST: Final = Decimal(99_999_999)
WRITTEN: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,8})?")
REFERENCE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
YES: Final = frozenset({"1", "true"})
STATES: Final = {
    "": ChargeState.OPEN,
    "new": ChargeState.OPEN,
    "partial": ChargeState.OPEN,  # how to pay is not chosen yet
    "pending": ChargeState.OPEN,  # it is chosen, and not paid
    "waiting": ChargeState.OPEN,
    "ok": ChargeState.PAID,
    "success": ChargeState.PAID,
    "refunded": ChargeState.PAID,
    "error": ChargeState.FAILED,
    "failed": ChargeState.FAILED,
    "incomplete": ChargeState.FAILED,
    "revoked": ChargeState.CANCELLED,
    "cancelled": ChargeState.CANCELLED,
    "canceled": ChargeState.CANCELLED,
}
RESULTS: Final = {"1": ChargeState.PAID, "0": ChargeState.FAILED}
REFUNDS: Final = {
    "ok": RefundState.SUCCEEDED,
    "success": RefundState.SUCCEEDED,
    "error": RefundState.FAILED,
    "failed": RefundState.FAILED,
}
AT_ONCE: Final = "at-once"
LATER: Final = "later"
CLEARING: Final = "clearing"
"""A parameter of ours, which a notice repeats: whether the money was to be taken at once."""


def written_amount(amount: Money) -> str:
    """Return it as a decimal: `4500.00`. GatewayRefused where it is not one they take."""
    digits = exponent(amount.currency)
    if digits > MOST_DECIMALS:
        raise GatewayRefused("currency-not-supported")
    major = Decimal(amount.amount).scaleb(-digits)
    if not 0 < major <= DEAREST:
        raise GatewayRefused("amount-out-of-range")
    return f"{major:f}"


def read_amount(text: str, currency: str) -> Money:
    """Return the money; Unusable where it is not a sum of that currency, to the last digit."""
    if currency not in CURRENCIES or not WRITTEN.fullmatch(text):
        raise Unusable("no amount")
    minor = Decimal(text).scaleb(exponent(currency))
    if minor != int(minor) or abs(minor) > LARGEST:
        raise Unusable("no amount of that currency")
    return Money(int(minor), currency)


def charge_of_status(known: Charge, status: Fields) -> Charge:
    """Return how a payment stands, of which they say this."""
    reference = read_reference(status.get("pg_payment_id"))
    if known.reference and reference != known.reference:
        raise Unusable("speaks of another payment")
    order = status.get("pg_order_id")
    if order and known.payment_id and order != str(known.payment_id):
        raise Unusable("speaks of another order")
    amount = read_amount(status.get("pg_amount"), status.get("pg_currency"))
    refunds = tuple(_refunds(reference, amount.currency, status))
    state = _state(status, refunds)
    if state is ChargeState.PAID:
        amount = _taken(amount, status)
    failure = failure_code(status) if state is ChargeState.FAILED else None
    return Charge(reference, known.payment_id, state, amount, failure, refunds=refunds)


def charge_of_notice(target: str, notice: Fields) -> Charge:
    """Return what a call to check or result says; how it was signed is known."""
    reference = read_reference(notice.get("pg_payment_id"))
    amount = read_amount(notice.get("pg_amount"), notice.get("pg_currency"))
    order = _order(notice.get("pg_order_id"))
    if target == "check":
        return Charge(reference, order, ChargeState.OPEN, amount)
    state = RESULTS.get(notice.get("pg_result"), ChargeState.PROCESSING)
    if state is ChargeState.FAILED:
        return Charge(reference, order, state, amount, failure_code(notice))
    if state is ChargeState.PAID and _only_kept(notice):
        return Charge(reference, order, ChargeState.AUTHORIZED, amount)
    return Charge(reference, order, state, amount, fee=_fee(amount, notice))


def read_reference(text: str) -> str:
    if not REFERENCE.fullmatch(text):
        raise Unusable("no payment id")
    return text


def failure_code(fields: Fields) -> str:
    return (fields.get("pg_failure_code") or fields.get("pg_error_code") or "declined")[:40]


def given_back(status: Fields, currency: str, refunds: tuple[RefundReport, ...]) -> int:
    """Return the minor units of all refunds that have not failed, listed or only summed up."""
    listed = sum(one.amount.amount for one in refunds if one.state is not RefundState.FAILED)
    summed = status.get("pg_refund_amount")
    return max(listed, abs(read_amount(summed, currency).amount) if summed else 0)


def _state(status: Fields, refunds: tuple[RefundReport, ...]) -> ChargeState:
    state = STATES.get(status.get("pg_payment_status").lower(), ChargeState.PROCESSING)
    is_captured = status.get("pg_captured").lower()
    if state is ChargeState.PAID and is_captured not in YES | {""}:
        return ChargeState.AUTHORIZED
    if state is ChargeState.CANCELLED and (refunds or is_captured in YES):
        return ChargeState.PAID  # it was, and was given back
    return state


def _taken(amount: Money, status: Fields) -> Money:
    """Return what was captured, which may be less; zero or nothing means not told yet."""
    told = status.get("pg_clearing_amount")
    taken = read_amount(told, amount.currency) if told else amount
    return taken if taken.amount > 0 else amount


def _only_kept(notice: Fields) -> bool:
    """Tell whether the money still has to be captured by us."""
    captured, asked = notice.get("pg_captured"), notice.get(CLEARING)
    if captured in YES or asked == AT_ONCE:  # a bank may clear at the end of its day
        return False
    return bool(captured) or asked == LATER


def _fee(amount: Money, notice: Fields) -> Money | None:
    net = notice.get("pg_net_amount")
    if notice.get("pg_result") != "1" or not net:
        return None
    kept = amount.amount - read_amount(net, amount.currency).amount
    return Money(kept, amount.currency) if kept >= 0 else None


def _refunds(payment: str, currency: str, status: Fields) -> Iterator[RefundReport]:
    """Yield them with references that stay: their own id, or else what tells them apart."""
    seen: Counter[str] = Counter()
    for name in ("pg_refund_payments", "pg_revoked_payments"):
        for one in status.lists(name):
            reference = _refund_reference(payment, one)
            seen[reference] += 1
            if seen[reference] > 1:
                reference = f"{reference}#{seen[reference]}"
            money = read_amount(one.get("pg_amount"), currency)
            state = REFUNDS.get(one.get("pg_payment_status").lower(), RefundState.PENDING)
            failure = failure_code(one) if state is RefundState.FAILED else None
            back = Money(abs(money.amount), currency)
            yield RefundReport(reference, None, back, state, failure)


def _refund_reference(payment: str, one: Fields) -> str:
    own = one.get("pg_payment_id")
    if own and own != payment:
        return read_reference(own)
    told_by = one.get("pg_reference") or one.get("pg_payment_date")
    return f"{payment}:{told_by[:40]}"


def _order(text: str) -> UUID | None:
    """Return our id; None of an order that is not of ours, whatever its form."""
    try:
        order = UUID(text)
    except ValueError:
        return None
    return order if str(order) == text else None
