"""What the application needs of a payment gateway, in its own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

from app.domain.card_reports import CardReport
from app.domain.disputes import DisputeState
from app.domain.payments import (
    Asked,
    AskedBack,
    Begun,
    Charge,
    Notice,
    RefundReport,
    Verdict,
)


class PaymentGateway(Protocol):
    """No transaction may be open during a call.

    A call that ends in GatewayUnavailable may have had its effect: only `look`, a notice, or the
    same call again tells. Every call can be repeated, and has its effect once.
    """

    async def begin(self, asked: Asked) -> Begun:
        """Ask for money. GatewayRefused where it is refused for good."""
        ...

    async def look(self, charge: Charge) -> Charge | None:
        """Return how a payment stands at the gateway; None if it was never begun there.

        `charge` is what we know: its reference may be empty where an answer was lost, and then
        the payment is found by our own id.
        """
        ...

    async def capture(self, charge: Charge) -> Charge:
        """Take money that was authorized: `charge.amount`, which may be less."""
        ...

    async def cancel(self, charge: Charge) -> Charge:
        """Want the money no longer. One that is paid meanwhile is returned as paid."""
        ...

    async def refund(self, asked: AskedBack) -> RefundReport:
        """Give money back. GatewayRefused where it is refused for good."""
        ...

    def read(self, target: str, headers: Mapping[str, str], body: bytes) -> Notice:
        """Return what a delivery says; refuse with InvalidSignature before reading anything.

        `target` is the last segment of the path it was sent to; header names are lower case.
        """
        ...

    def answer(self, target: str, verdict: Verdict, *, reason: str = "") -> tuple[bytes, str]:
        """Return what the gateway is answered, and its media type; the payer may see `reason`."""
        ...

    async def close(self) -> None:
        """Let go of what is kept open between calls; no call is made after."""
        ...


@runtime_checkable
class CardGateway(PaymentGateway, Protocol):
    """A gateway that keeps the cards of customers, and takes `Asked.card`, `.saves_card` and
    `.is_absent`. What a card that needs its owner answers when they are absent is no refusal: the
    payment stays open for them, with the code of why.
    """

    async def customer(self, user_id: UUID) -> str:
        """Return the gateway's name for somebody, the same however often; it is made if need be."""
        ...

    async def begin_saving(self, setup_id: UUID, customer: str) -> str:
        """Return the secret with which the customer's app saves a card. Nothing is taken."""
        ...

    async def cards(self, customer: str) -> Sequence[CardReport]:
        """Return the cards that are kept for a customer."""
        ...

    async def forget(self, card: str) -> None:
        """Keep a card no longer; one that isn't kept is fine."""
        ...

    async def forget_customer(self, customer: str) -> None:
        """Keep nothing of a customer any longer."""
        ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notice as it comes over HTTP; header names are lower case."""

    headers: Mapping[str, str]
    body: bytes


class Playground(Protocol):
    """A gateway where somebody can play the customer's part."""

    def succeed(self, charge: Charge, *, capture: bool = True) -> Delivery:
        """Let the customer pay, and return the notice of it; without `capture` it is only kept."""
        ...

    def fail(self, charge: Charge) -> Delivery:
        """Let the customer's card be declined, and return the notice of it."""
        ...

    def save(self, customer: str, last4: str) -> Delivery:
        """Let a customer save the test card of that end, and return the notice of it."""
        ...

    def dispute(self, charge: Charge, state: DisputeState) -> Delivery:
        """Let the customer's bank take a payment back, or say how that ended."""
        ...
