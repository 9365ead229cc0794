"""A gateway without a bank: the default, for development and tests.

It keeps what it knows in memory, and believes what it is told of payments it has forgotten over
a restart: every reference is derived from an id of ours, so that it is the same again.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import Signer
from app.core.money import Money
from app.domain.card_reports import CardReport
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
from app.integrations.payments.sandbox_cards import (
    GOOD,
    card_read,
    card_written,
    charged,
    customer_of,
    new_card,
)
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
        self._saves: dict[str, str] = {}
        self._cards: dict[str, list[CardReport]] = {}

    async def begin(self, asked: Asked) -> Begun:
        reference = _reference(asked.payment_id)
        new = Charge(reference, asked.payment_id, ChargeState.OPEN, asked.amount)
        if not asked.capture:
            self._captures_later.add(reference)
        if asked.saves_card and asked.customer:
            self._saves[reference] = asked.customer
        charge = self._kept.setdefault(reference, new)
        if asked.card and asked.is_absent and charge.state is ChargeState.OPEN:
            state, failure = charged(asked.card)
            if state is ChargeState.PAID and not asked.capture:
                state = ChargeState.AUTHORIZED
            charge = self._keep(replace(charge, state=state, failure_code=failure))
        return Begun(charge, client_secret=self._secret(reference))

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

    async def customer(self, user_id: UUID) -> str:
        return customer_of(user_id)

    async def begin_saving(self, setup_id: UUID, customer: str) -> str:
        return self._secret(f"sandbox_seti_{setup_id.hex}_{customer}")

    async def cards(self, customer: str) -> Sequence[CardReport]:
        """Those that were saved since a restart, and by this process."""
        return list(self._cards.get(customer, ()))

    async def forget(self, card: str) -> None:
        for customer, cards in self._cards.items():
            self._cards[customer] = [one for one in cards if one.reference != card]

    async def forget_customer(self, customer: str) -> None:
        self._cards.pop(customer, None)

    def save(self, customer: str, last4: str) -> Delivery:
        """Let a customer save a test card, and return the notice of it."""
        card = self._saved(customer, last4)
        return self._sent({"id": f"card:{card.reference}", "kind": "card.saved"}, card=card)

    def succeed(self, charge: Charge, *, capture: bool = True) -> Delivery:
        """Let the customer pay, and return the notice of it; paying what is cancelled fails."""
        known = self._known(charge)
        if known.state is ChargeState.CANCELLED:
            return self.fail(charge)
        is_later = not capture or charge.reference in self._captures_later
        is_later = is_later and known.state is not ChargeState.PAID
        state = ChargeState.AUTHORIZED if is_later else ChargeState.PAID
        paid = self._keep(replace(known, state=state, failure_code=None))
        customer = self._saves.pop(charge.reference, None)
        card = self._saved(customer, GOOD) if customer else None
        return self._delivery(f"payment.{state}", paid, card)

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
            charge = _charge(event["charge"]) if event["charge"] else None
            card = card_read(event["card"])
            return Notice(str(event["id"]), str(event["kind"]), charge, card=card)
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

    def _secret(self, reference: str) -> str:
        return f"{reference}_secret_{self._signer.digest(PURPOSE, reference).hex()}"

    def _saved(self, customer: str, last4: str) -> CardReport:
        card = new_card(customer, last4)
        self._cards.setdefault(customer, []).append(card)
        return card

    def _delivery(self, kind: str, charge: Charge, card: CardReport | None = None) -> Delivery:
        """The same event has the same id, however often it is delivered."""
        event = {"id": f"{kind}:{charge.reference}", "kind": kind}
        return self._sent(event, charge=charge, card=card)

    def _sent(
        self, event: dict[str, str], *, charge: Charge | None = None, card: CardReport | None = None
    ) -> Delivery:
        told = {"charge": _written(charge) if charge else None, "card": card_written(card)}
        body = json.dumps(event | told).encode()
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
