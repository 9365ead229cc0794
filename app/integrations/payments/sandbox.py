"""A gateway without a bank: the default, for development and tests.

It keeps what it knows in memory, and believes what it is told of payments it has forgotten over
a restart: every reference is derived from an id of ours, so that it is the same again.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import Signer
from app.core.money import Money
from app.domain.disputes import DisputeReport, DisputeState
from app.domain.gateways import GatewayRefused, UnreadableNotice
from app.domain.payments import (
    Asked,
    AskedBack,
    Begun,
    Charge,
    ChargeState,
    Notice,
    RefundReport,
    RefundState,
    Verdict,
    merged,
)
from app.integrations.payments.protocol import Delivery
from app.integrations.payments.webhook_signatures import ensure_signed, signature_header

PURPOSE: Final = "sandbox payments"
HEADER: Final = "sandbox-signature"
LARGEST: Final = 1 << 16
DECLINED: Final = "card_declined"
DISPUTE_COSTS: Final = 15_00


class SandboxGateway:
    """Keys are derived from the secret key, so that all processes of ours have the same."""

    def __init__(self, signer: Signer, clock: Clock) -> None:
        self._signer = signer
        self._key = signer.digest(PURPOSE, "notices")
        self._clock = clock
        self._kept: dict[str, Charge] = {}
        self._captures_later: set[str] = set()

    async def begin(self, asked: Asked) -> Begun:
        reference = _reference(asked.payment_id)
        new = Charge(reference, asked.payment_id, ChargeState.OPEN, asked.amount)
        if not asked.capture:
            self._captures_later.add(reference)
        secret = self._signer.digest(PURPOSE, reference).hex()
        charge = self._kept.setdefault(reference, new)
        return Begun(charge, client_secret=f"{reference}_secret_{secret}")

    async def look(self, charge: Charge) -> Charge | None:
        if charge.reference:
            return self._known(charge)
        return self._kept.get(_reference(charge.payment_id)) if charge.payment_id else None

    async def capture(self, charge: Charge) -> Charge:
        known = self._known(charge)
        if known.state is ChargeState.AUTHORIZED:
            return self._keep(replace(known, state=ChargeState.PAID, amount=charge.amount))
        if known.state is ChargeState.PAID:
            return known
        raise GatewayRefused("not_authorized")

    async def cancel(self, charge: Charge) -> Charge:
        if not charge.reference and charge.payment_id:
            charge = replace(charge, reference=_reference(charge.payment_id))
        known = self._known(charge)
        if known.state is ChargeState.PAID:
            return known
        return self._keep(replace(known, state=ChargeState.CANCELLED))

    async def refund(self, asked: AskedBack) -> RefundReport:
        """One of a payment forgotten over a restart is believed to be covered by it."""
        reference = f"sandbox_re_{asked.refund_id.hex}"
        report = RefundReport(reference, asked.refund_id, asked.amount, RefundState.SUCCEEDED)
        charge = self._kept.get(asked.reference)
        if charge is None:
            return report
        if any(refund.reference == reference for refund in charge.refunds):
            return next(one for one in charge.refunds if one.reference == reference)
        given_back = sum(refund.amount.amount for refund in charge.refunds)
        is_covered = given_back + asked.amount.amount <= charge.amount.amount
        if charge.state is ChargeState.PAID and not is_covered:
            raise GatewayRefused("amount_too_large")
        self._keep(replace(charge, refunds=(*charge.refunds, report)))
        return report

    def succeed(self, charge: Charge) -> Delivery:
        """Let the customer pay, and return the notice of it; paying what is cancelled fails."""
        known = self._known(charge)
        if known.state is ChargeState.CANCELLED:
            return self.fail(charge)
        is_later = charge.reference in self._captures_later and known.state is not ChargeState.PAID
        state = ChargeState.AUTHORIZED if is_later else ChargeState.PAID
        paid = self._keep(replace(known, state=state, failure_code=None))
        return self._delivery(f"payment.{state}", paid)

    def fail(self, charge: Charge) -> Delivery:
        """Let the customer's card be declined, and return the notice of it."""
        known = self._known(charge)
        if known.state is ChargeState.OPEN:
            known = self._keep(replace(known, failure_code=DECLINED))
        return self._delivery("payment.declined", known)

    def dispute(self, charge: Charge, state: DisputeState) -> Delivery:
        """Let the customer's bank take a payment back, or say how that ended."""
        known = self._known(charge)
        if known.state is not ChargeState.PAID:
            raise GatewayRefused("not_paid")
        has_taken = state in (DisputeState.OPEN, DisputeState.LOST, DisputeState.WON)
        report = DisputeReport(
            known.reference.replace("_pi_", "_dp_"),
            known.amount,
            state,
            "fraudulent",
            is_withdrawn=has_taken,
            is_reinstated=state is DisputeState.WON,
            fee=Money(DISPUTE_COSTS, known.amount.currency) if has_taken else None,
        )
        disputed = self._keep(merged(known, replace(known, disputes=(report,))))
        return self._delivery(f"dispute.{state}", disputed)

    def read(self, target: str, headers: Mapping[str, str], body: bytes) -> Notice:  # noqa: ARG002  # there is one path
        if len(body) > LARGEST:
            raise UnreadableNotice
        ensure_signed(headers.get(HEADER, ""), body, [self._key], now=self._clock())
        try:
            event = json.loads(body)
            return Notice(str(event["id"]), str(event["kind"]), _charge(event["charge"]))
        except (KeyError, TypeError, ValueError):
            raise UnreadableNotice from None

    def answer(self, target: str, verdict: Verdict, *, reason: str = "") -> tuple[bytes, str]:  # noqa: ARG002  # nobody reads it
        return b"{}", "application/json"

    async def close(self) -> None:
        """Nothing is open."""

    def _known(self, charge: Charge) -> Charge:
        """Return what we know and what is told together: another process may know more."""
        kept = self._kept.get(charge.reference)
        return charge if kept is None else merged(kept, charge)

    def _keep(self, charge: Charge) -> Charge:
        self._kept[charge.reference] = charge
        return charge

    def _delivery(self, kind: str, charge: Charge) -> Delivery:
        """The same event has the same id, however often it is delivered."""
        event = {"id": f"{kind}:{charge.reference}", "kind": kind, "charge": _written(charge)}
        body = json.dumps(event).encode()
        signature = signature_header(body, self._key, at=self._clock())
        return Delivery({HEADER: signature, "content-type": "application/json"}, body)


def _reference(payment_id: UUID) -> str:
    return f"sandbox_pi_{payment_id.hex}"


def _written(charge: Charge) -> dict[str, Any]:
    return {
        "reference": charge.reference,
        "payment_id": str(charge.payment_id) if charge.payment_id else None,
        "state": charge.state,
        "amount": charge.amount.amount,
        "currency": charge.amount.currency,
        "failure_code": charge.failure_code,
        "disputes": [_dispute_written(one) for one in charge.disputes],
    }


def _dispute_written(report: DisputeReport) -> dict[str, Any]:
    return {
        "reference": report.reference,
        "amount": report.amount.amount,
        "currency": report.amount.currency,
        "state": report.state,
        "reason": report.reason,
        "is_withdrawn": report.is_withdrawn,
        "is_reinstated": report.is_reinstated,
        "fee": report.fee.amount if report.fee else None,
    }


def _dispute(told: Mapping[str, Any]) -> DisputeReport:
    return DisputeReport(
        reference=told["reference"],
        amount=Money(told["amount"], told["currency"]),
        state=DisputeState(told["state"]),
        reason=told["reason"],
        is_withdrawn=told["is_withdrawn"],
        is_reinstated=told["is_reinstated"],
        fee=Money(told["fee"], told["currency"]) if told["fee"] else None,
    )


def _charge(told: Mapping[str, Any]) -> Charge:
    return Charge(
        reference=told["reference"],
        payment_id=UUID(told["payment_id"]) if told["payment_id"] else None,
        state=ChargeState(told["state"]),
        amount=Money(told["amount"], told["currency"]),
        failure_code=told["failure_code"],
        disputes=tuple(_dispute(one) for one in told["disputes"]),
    )
