"""Cards and more by Stripe: one PaymentIntent for each payment (docs.stripe.com/payments)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from app.core.clock import Clock
from app.domain.gateways import GatewayRefused, UnreadableNotice
from app.domain.payments import (
    Asked,
    AskedBack,
    Begun,
    Charge,
    ChargeState,
    Notice,
    RefundReport,
    Verdict,
)
from app.integrations.payments import stripe_reading as reading
from app.integrations.payments.stripe_amounts import to_stripe
from app.integrations.payments.stripe_calling import (
    KEY_REUSED,
    WHOLE,
    StripeCalls,
    since_of,
    unreadable_as_unavailable,
)
from app.integrations.payments.stripe_cards import StripeCards
from app.integrations.payments.stripe_reading import Document, Unreadable
from app.integrations.payments.webhook_signatures import ensure_signed

SECONDS: Final = 10.0
LARGEST: Final = 1 << 18
"""Bytes of a delivery; an event has some thousand."""
KEYS_LAST: Final = timedelta(hours=23)
"""How long Stripe remembers an idempotency key at the least, with an hour to spare."""
UNEXPECTED_STATE: Final = "payment_intent_unexpected_state"


@dataclass(frozen=True, slots=True)
class StripeAccount:
    """Who we are there; several webhook secrets while one takes another's place."""

    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    base: str = ""
    seconds: float = SECONDS

    @property
    def is_live(self) -> bool | None:
        """Whether money really moves; None where the key doesn't say."""
        parts = self.secret_key.split("_")
        return {"live": True, "test": False}.get(parts[1] if len(parts) > 2 else "")


def webhook_secrets(setting: str) -> tuple[str, ...]:
    """Read `whsec_new, whsec_old`."""
    return tuple(part.strip() for part in setting.split(",") if part.strip())


class StripeGateway(StripeCards):
    def __init__(self, account: StripeAccount, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._calls = StripeCalls(account.secret_key, account.base, seconds=account.seconds)
        self._stripe = self._calls.stripe

    async def close(self) -> None:
        await self._calls.close()

    async def begin(self, asked: Asked) -> Begun:
        """Stripe knows no deadline and needs no address; receipts are our own."""
        since = since_of(asked.payment_id)
        is_late = since is not None and self._clock() - since > KEYS_LAST
        intent = await self._calls.found(asked.payment_id) if is_late else None
        if intent is None:
            intent = await self._created(asked)
        if asked.is_absent and intent.get("status") == "requires_confirmation":
            intent = await self._confirmed(intent)
        with unreadable_as_unavailable():
            secret = reading.word(intent["client_secret"])
            return Begun(reading.charge_of(intent), client_secret=secret)

    async def look(self, charge: Charge) -> Charge | None:
        if charge.reference:
            intent = await self._calls.retrieved(charge.reference)
        else:
            intent = await self._calls.found(charge.payment_id)
        return None if intent is None else await self._told(intent)

    async def capture(self, charge: Charge) -> Charge:
        """Stripe itself captures once; a key would only keep a refusal alive for a day."""
        amount = to_stripe(charge.amount)
        capturing = self._stripe.payment_intents.capture_async(
            charge.reference, {"amount_to_capture": amount, "expand": WHOLE}
        )
        try:
            intent = await self._calls.sent(capturing)
        except GatewayRefused as refused:
            return await self._as_it_stands(charge, refused)
        return await self._told(intent)

    async def cancel(self, charge: Charge) -> Charge:
        """Without a key, as `capture`; what was never begun there is cancelled."""
        if not charge.reference:
            intent = await self._calls.found(charge.payment_id)
            if intent is None:
                return replace(charge, state=ChargeState.CANCELLED)
            charge = replace(charge, reference=intent["id"])
        try:
            intent = await self._calls.sent(
                self._stripe.payment_intents.cancel_async(charge.reference)
            )
        except GatewayRefused as refused:
            return await self._as_it_stands(charge, refused)
        return await self._told(intent)

    async def refund(self, asked: AskedBack) -> RefundReport:
        """Look first: a key is forgotten one day, and keeps an error of Stripe's until then."""
        amount = to_stripe(asked.amount)
        refund = await self._refunded(asked)
        if refund is None:
            ids = {"payment_id": str(asked.payment_id), "refund_id": str(asked.refund_id)}
            refund = await self._calls.sent(
                self._stripe.refunds.create_async(
                    {"payment_intent": asked.reference, "amount": amount, "metadata": ids},
                    {"idempotency_key": f"re:{asked.refund_id}"},
                )
            )
        with unreadable_as_unavailable():
            return reading.refund_of(refund)

    def read(self, target: str, headers: Mapping[str, str], body: bytes) -> Notice:  # noqa: ARG002  # there is one path
        if len(body) > LARGEST:
            raise UnreadableNotice
        secrets = [secret.encode() for secret in self._account.webhook_secrets]
        ensure_signed(headers.get("stripe-signature", ""), body, secrets, now=self._clock())
        try:
            event = reading.read_event(body)
            notice = reading.notice_of(event)
        except Unreadable:
            raise UnreadableNotice from None
        is_live = self._account.is_live
        if is_live is not None and event.get("livemode") is not is_live:
            raise UnreadableNotice
        return notice

    def answer(self, target: str, verdict: Verdict, *, reason: str = "") -> tuple[bytes, str]:  # noqa: ARG002  # nobody reads it
        return b"{}", "application/json"

    async def _created(self, asked: Asked) -> Document:
        amount = to_stripe(asked.amount)
        params: Any = {
            "amount": amount,
            "currency": asked.amount.currency.lower(),
            "capture_method": "automatic" if asked.capture else "manual",
            "description": asked.description,
            "metadata": {"payment_id": str(asked.payment_id)},
            **_with_card(asked),
        }
        creating = self._stripe.payment_intents.create_async(
            params, {"idempotency_key": f"pi:{asked.payment_id}"}
        )
        try:
            return await self._calls.sent(creating)
        except GatewayRefused as refused:
            if refused.code != KEY_REUSED:
                raise
            # Our wording has changed between two tries: what was begun first is as good.
            intent = await self._calls.found(asked.payment_id)
            if intent is None or intent.get("amount") != amount:
                raise
            return intent

    async def _confirmed(self, intent: Document) -> Document:
        """Take it from the saved card at once; what its owner has to do stays open for them.

        A step of its own, so that a decline leaves an intent that we know. It has no key: Stripe
        itself confirms once, and a key would keep a refusal alive.
        """
        with unreadable_as_unavailable():
            reference = reading.word(intent["id"])
        params: Any = {"off_session": True, "expand": WHOLE}
        try:
            return await self._calls.sent(
                self._stripe.payment_intents.confirm_async(reference, params)
            )
        except GatewayRefused as refused:
            found = await self._calls.retrieved(reference)
            if found is None or _is_new(found):
                raise refused from None
            return found

    async def _as_it_stands(self, charge: Charge, refused: GatewayRefused) -> Charge:
        """Return what has become of it meanwhile, where that is why it was refused."""
        if refused.code != UNEXPECTED_STATE:
            raise refused
        intent = await self._calls.retrieved(charge.reference)
        if intent is None:
            raise refused
        return await self._told(intent)

    async def _told(self, intent: Document) -> Charge:
        """Return the charge with all its refunds, and its disputes."""
        with unreadable_as_unavailable():
            charge = reading.charge_of(intent)
        latest = intent.get("latest_charge")
        if charge.state is not ChargeState.PAID or not isinstance(latest, Mapping):
            return charge
        if (latest.get("refunds") or {}).get("has_more"):
            data = [refund async for refund in self._calls.refunds(charge.reference)]
            with unreadable_as_unavailable():
                every = reading.refunds_within({**latest, "refunds": {"data": data}})
            charge = replace(charge, refunds=every)
        return await self._with_disputes(charge) if latest.get("disputed") else charge

    async def _with_disputes(self, charge: Charge) -> Charge:
        found = await self._calls.disputes(charge.reference)
        with unreadable_as_unavailable():
            return replace(charge, disputes=tuple(reading.dispute_of(one) for one in found))

    async def _refunded(self, asked: AskedBack) -> Document | None:
        async for refund in self._calls.refunds(asked.reference):
            if reading.ours(refund, "refund_id") == asked.refund_id:
                return refund
        return None


def _with_card(asked: Asked) -> dict[str, Any]:
    """Return whose card is charged or saved; who is absent can't be sent elsewhere."""
    kept: dict[str, Any] = {}
    if asked.customer:
        kept["customer"] = asked.customer
    if asked.card:
        kept["payment_method"] = asked.card
    if asked.saves_card:
        kept["setup_future_usage"] = "off_session"
    if asked.is_absent:
        return kept | {"payment_method_types": ["card"]}
    return kept | {"automatic_payment_methods": {"enabled": True}}


def _is_new(intent: Document) -> bool:
    return intent.get("status") == "requires_confirmation"
