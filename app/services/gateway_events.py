"""What gateways tell: kept as it came, in the transaction of its effect, and believed once."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.gateway_events import (
    GatewayEvent,
    GatewayEventFilter,
    GatewayEventNotFound,
    GatewayEventSort,
    GatewayUnknown,
    without_people,
)
from app.domain.payments import (
    AmountMismatch,
    Charge,
    GatewayName,
    Notice,
    Payment,
    Verdict,
)
from app.integrations.payments.protocol import PaymentGateway
from app.policies import payments as policy
from app.repositories.gateway_events import GatewayEventRepository
from app.repositories.payments import PaymentRepository
from app.services.audit import AuditService
from app.services.cards import CardService
from app.services.charges import ChargeService

log: Final = structlog.get_logger()


class GatewayEventService:
    def __init__(
        self,
        events: GatewayEventRepository,
        payments: PaymentRepository,
        charges: ChargeService,
        cards: CardService,
        audit: AuditService,
        gateways: Mapping[GatewayName, PaymentGateway],
        clock: Clock,
    ) -> None:
        self.events = events
        self.payments = payments
        self.charges = charges
        self.cards = cards
        self.audit = audit
        self.gateways = gateways
        self.clock = clock

    async def receive(
        self, name: GatewayName, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[bytes, str]:
        """Take in a delivery; return what the gateway is answered, and its media type.

        Refused with InvalidSignature before anything is read, and with UnreadableNotice. What has
        no effect is kept with its reason, for staff to look into; the same delivery again is
        answered as before.
        """
        gateway = self.gateways.get(name)
        if gateway is None:
            raise GatewayUnknown
        notice = gateway.read(target, headers, body)
        kept = without_people(body)
        event = GatewayEvent(
            new_id(), name, notice.event_id, notice.kind, None, kept, self.clock(), None
        )
        if not await self.events.add(event):
            refused = await self.events.failure_of(name, notice.event_id)
        else:
            refused = await self._take_in(event, notice)
        verdict = Verdict.REJECTED if refused and notice.can_reject else Verdict.ACCEPTED
        return gateway.answer(target, verdict, reason=refused or "")

    async def replay(self, actor: Actor, event_id: UUID) -> GatewayEvent:
        """Ask the gateway how the payment of a delivery stands, and believe that."""
        event = await self._event(actor, event_id)
        await self.audit.note(actor, "gateway_event.replayed", ("gateway_event", event_id))
        if event.payment_id is not None:
            await self.charges.ask(event.payment_id)
        return await self._event(actor, event_id)

    async def list(
        self, actor: Actor, wanted: GatewayEventFilter, request: PageRequest[GatewayEventSort]
    ) -> Page[GatewayEvent]:
        policy.ensure_can_look_into(actor)
        return await self.events.matching(wanted, request)

    async def get(self, actor: Actor, event_id: UUID) -> GatewayEvent:
        return await self._event(actor, event_id)

    async def _event(self, actor: Actor, event_id: UUID) -> GatewayEvent:
        policy.ensure_can_look_into(actor)
        event = await self.events.get(event_id)
        if event is None:
            raise GatewayEventNotFound
        return event

    async def _take_in(self, event: GatewayEvent, notice: Notice) -> str | None:
        """Do what a delivery says; return, and keep beside it, why it had no effect."""
        if notice.card is not None:
            await self.cards.take_in(event.gateway, notice.card)
        if notice.charge is None:
            return None
        payment = await self._payment(event.gateway, notice.charge)
        failure = "unknown payment"
        if payment is not None:
            failure = await self._report(payment, notice)
        payment_id = payment.id if payment else None
        await self.events.close(event.id, payment_id=payment_id, failure=failure or None)
        return failure or None

    async def _report(self, payment: Payment, notice: Notice) -> str:
        """Return why it had no effect; nothing, if it had. Nothing was changed before."""
        charge = notice.charge
        assert charge is not None
        if notice.is_question and not await self.charges.is_wanted(payment):
            return "not wanted any more"
        if notice.is_question and charge.amount != payment.asked:
            return "another sum"
        try:
            await self.charges.report(payment.id, charge)
        except AmountMismatch:
            log.warning("another sum was paid", payment_id=str(payment.id))
            return "another sum was paid"
        return ""

    async def _payment(self, name: GatewayName, charge: Charge) -> Payment | None:
        """Return which of ours it is about: by our id, or by the gateway's."""
        payment = None
        if charge.payment_id is not None:
            payment = await self.payments.get(charge.payment_id)
        if payment is None and charge.reference:
            payment = await self.payments.with_reference(name, charge.reference)
        return payment if payment is not None and payment.gateway is name else None
