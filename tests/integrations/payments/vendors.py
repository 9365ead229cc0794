"""Every gateway with the bank behind it, so that one test can ask the same of all."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from app.core.crypto import Signer
from app.core.ids import new_id
from app.core.money import Money
from app.domain.payments import Asked, AskedBack, Charge, ChargeState
from app.integrations.payments.freedompay import FreedomPayAccount, FreedomPayGateway
from app.integrations.payments.protocol import CardGateway, PaymentGateway
from app.integrations.payments.sandbox import HEADER, SandboxGateway
from app.integrations.payments.stripe import StripeAccount, StripeGateway
from app.integrations.payments.webhook_signatures import signature_header
from tests.factories.clock import Clock
from tests.fakes import freedompay as fake_freedompay
from tests.fakes import stripe as fake_stripe
from tests.fakes.freedompay import FreedomPayServer, freedompay_server
from tests.fakes.stripe import StripeServer, stripe_server

OLD: Final = timedelta(seconds=301)


@dataclass(frozen=True)
class Sent:
    """A notice as it comes over HTTP."""

    target: str
    headers: Mapping[str, str]
    body: bytes


class Vendor(Protocol):
    gateway: PaymentGateway
    prices: tuple[Money, ...]

    def pay(self, charge: Charge) -> None:
        """Let the customer pay."""
        ...

    def lapse(self, charge: Charge) -> None:
        """Let go, at the gateway, what was authorized."""
        ...

    def lose(self) -> None:
        """Let the answer to the next payment that is begun be lost, after its effect."""
        ...

    def notice(self, charge: Charge) -> Sent:
        """Return a good notice of how the payment stands."""
        ...

    def forged(self, sent: Sent, other: Sent) -> dict[str, Sent]:
        """Return what must not be believed: `sent` with signatures that don't fit."""
        ...

    def begun(self) -> int:
        """Return how many payments there are."""
        ...

    def given_back(self, charge: Charge) -> int:
        """Return what the customer got back, in our minor units."""
        ...


class CardVendor(Vendor, Protocol):
    """One that keeps cards."""

    gateway: CardGateway

    def save(self, customer: str, last4: str) -> Sent:
        """Let a customer save a card, and return the notice of it."""
        ...


class Sandbox:
    prices = (Money(45_00, "EUR"), Money(4500, "JPY"), Money(4_500, "KWD"), Money(1, "UZS"))

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.gateway = SandboxGateway(Signer("a secret of the tests"), clock)

    def pay(self, charge: Charge) -> None:
        self.gateway.succeed(charge)

    def lapse(self, charge: Charge) -> None:
        kept = self.gateway._kept
        kept[charge.reference] = replace(kept[charge.reference], state=ChargeState.CANCELLED)

    def lose(self) -> None:
        """There is no answer that could be lost."""

    def notice(self, charge: Charge) -> Sent:
        paid = charge.state in (ChargeState.PAID, ChargeState.AUTHORIZED)
        sent = self.gateway.succeed(charge) if paid else self.gateway.fail(charge)
        return Sent("sandbox", sent.headers, sent.body)

    def forged(self, sent: Sent, other: Sent) -> dict[str, Sent]:
        return forged(HEADER, sent, other, self._sign)

    def save(self, customer: str, last4: str) -> Sent:
        sent = self.gateway.save(customer, last4)
        return Sent("sandbox", sent.headers, sent.body)

    def begun(self) -> int:
        return len(self.gateway._kept)

    def given_back(self, charge: Charge) -> int:
        kept = self.gateway._kept[charge.reference]
        return sum(refund.amount.amount for refund in kept.refunds)

    def _sign(self, body: bytes, by: timedelta, secret: bytes | None) -> str:
        return signature_header(body, secret or self.gateway._key, at=self._clock() + by)


class Stripe:
    prices = (Money(45_00, "EUR"), Money(4500, "JPY"), Money(4_500, "KWD"), Money(45, "ISK"))

    def __init__(self, server: StripeServer, clock: Clock) -> None:
        self._clock = clock
        self.server = server
        account = StripeAccount(fake_stripe.KEY, (fake_stripe.SECRET,), server.address)
        self.gateway = StripeGateway(account, clock)

    def pay(self, charge: Charge) -> None:
        self.server.pay(charge.reference)

    def lapse(self, charge: Charge) -> None:
        self.server.lapse(charge.reference)

    def lose(self) -> None:
        self.server.faults["create"].append("drop")

    def notice(self, charge: Charge) -> Sent:
        body = self.server.event("payment_intent.x", self.server.intents[charge.reference])
        return Sent("stripe", fake_stripe.signed(body, at=self._clock()), body)

    def forged(self, sent: Sent, other: Sent) -> dict[str, Sent]:
        return forged("stripe-signature", sent, other, self._sign)

    def save(self, customer: str, last4: str) -> Sent:
        body = self.server.event("payment_method.attached", self.server.save(customer, last4))
        return Sent("stripe", fake_stripe.signed(body, at=self._clock()), body)

    def begun(self) -> int:
        return len(self.server.intents)

    def given_back(self, charge: Charge) -> int:
        back = self.server._back(charge.reference)
        scale = {"ISK": 100}.get(charge.amount.currency, 1)
        return sum(one["amount"] for one in back if one["status"] == "succeeded") // scale

    def _sign(self, body: bytes, by: timedelta, secret: bytes | None) -> str:
        secrets = (secret.decode() if secret else fake_stripe.SECRET,)
        at: datetime = self._clock() + by
        return fake_stripe.signed(body, at=at, secrets=secrets)["stripe-signature"]


class FreedomPay:
    prices = (Money(4500_00, "KZT"), Money(1, "KGS"), Money(500, "JPY"))

    def __init__(self, server: FreedomPayServer, clock: Clock) -> None:
        self.server = server
        account = FreedomPayAccount(
            merchant_id=fake_freedompay.MERCHANT,
            secret=fake_freedompay.SECRET,
            api_base=server.address,
            notify_url="https://pay.example/api/v1/webhooks/freedompay",
            is_testing=True,
        )
        self.gateway = FreedomPayGateway(account, clock)

    def pay(self, charge: Charge) -> None:
        self.server.succeed(charge.payment_id)

    def lapse(self, charge: Charge) -> None:
        self.server.payments[str(charge.payment_id)].status = "revoked"

    def lose(self) -> None:
        self.server.faults["init_payment.php"].append("drop")

    def notice(self, charge: Charge) -> Sent:
        facts = self.server.result(self.server.payments[str(charge.payment_id)])
        return Sent("result", {}, self.server.form("result", facts).encode())

    def forged(self, sent: Sent, other: Sent) -> dict[str, Sent]:
        fields, others = (dict(parse_qsl(one.body.decode())) for one in (sent, other))
        changes = {
            "none": {"pg_sig": ""},
            "another's": {"pg_sig": others["pg_sig"]},
            "of other bytes": {"pg_amount": "1"},
        }
        forms = {name: urlencode(fields | change) for name, change in changes.items()}
        return {name: replace(sent, body=form.encode()) for name, form in forms.items()}

    def begun(self) -> int:
        return len(self.server.payments)

    def given_back(self, charge: Charge) -> int:
        payment = self.server.payments[str(charge.payment_id)]
        scale = {"JPY": 1}.get(charge.amount.currency, 100)
        return int(payment.given_back * scale)


def forged(
    header: str,
    sent: Sent,
    other: Sent,
    sign: Callable[[bytes, timedelta, bytes | None], str],
) -> dict[str, Sent]:
    """Return what must not be believed of a notice whose signature is in a header."""
    good = sent.headers[header]
    none = timedelta()
    values = {
        "empty": "",
        "of another delivery": other.headers[header],
        "old": sign(sent.body, -OLD, None),
        "of the future": sign(sent.body, OLD, None),
        "by another key": sign(sent.body, none, b"whsec_another"),
        "by an empty key": sign(sent.body, none, b" "),
        "without a time": good.partition(",")[2],
        "with two times": f"t=1,{good}",
        "with a strange time": good.replace("t=", "t=+"),
        "of an older scheme": good.replace("v1=", "v0="),
        "not ASCII": good + "é",
        "cut off": good[:-1],
        "too many": good + ",v1=00" * 99,
    }
    found = {name: replace(sent, headers={header: value}) for name, value in values.items()}
    found["none"] = replace(sent, headers={})
    found["of other bytes"] = replace(sent, body=sent.body + b" ")
    return found


@asynccontextmanager
async def sandbox(clock: Clock) -> AsyncIterator[Vendor]:
    yield Sandbox(clock)


@asynccontextmanager
async def stripe(clock: Clock) -> AsyncIterator["Stripe"]:
    async with stripe_server() as server:
        vendor = Stripe(server, clock)
        try:
            yield vendor
        finally:
            await vendor.gateway.close()


@asynccontextmanager
async def freedompay(clock: Clock) -> AsyncIterator[Vendor]:
    async with freedompay_server() as server:
        yield FreedomPay(server, clock)


VENDORS: Final[dict[str, Callable[[Clock], AbstractAsyncContextManager[Vendor]]]] = {
    "sandbox": sandbox,
    "stripe": stripe,
    "freedompay": freedompay,
}


def asked(price: Money, **changes: object) -> Asked:
    plain = Asked(
        payment_id=new_id(),
        amount=price,
        description="A haircut",
        expires_at=None,
        return_url="https://app.example/bookings/7",
        email="ada@example.com",
        locale="en",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def unknown(wanted: Asked) -> Charge:
    """Return what we know of a payment when the answer to its beginning was lost."""
    return Charge("", wanted.payment_id, ChargeState.OPEN, wanted.amount)


def back(charge: Charge, amount: int, *, refund_id: UUID | None = None) -> AskedBack:
    assert charge.payment_id
    return AskedBack(
        refund_id=refund_id or new_id(),
        payment_id=charge.payment_id,
        reference=charge.reference,
        amount=Money(amount, charge.amount.currency),
        reason=None,
    )
