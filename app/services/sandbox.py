"""Playing the customer's part, where the gateway is the one without a bank."""

from uuid import UUID

from app.domain.gateway_events import GatewayUnknown
from app.domain.payments import GatewayName, PaymentNotFound
from app.integrations.payments.protocol import Playground
from app.repositories.payments import PaymentRepository
from app.services.gateway_events import GatewayEventService


class SandboxService:
    def __init__(
        self,
        payments: PaymentRepository,
        events: GatewayEventService,
        playground: Playground | None,
    ) -> None:
        self.payments = payments
        self.events = events
        self.playground = playground

    async def play(self, payment_id: UUID, *, succeeds: bool) -> None:
        """Let a payment succeed, or be declined: by a signed notice, as from outside."""
        if self.playground is None:
            raise GatewayUnknown
        payment = await self.payments.get(payment_id)
        if payment is None or payment.gateway is not GatewayName.SANDBOX:
            raise PaymentNotFound
        act = self.playground.succeed if succeeds else self.playground.fail
        notice = act(payment.charge())
        await self.events.receive(GatewayName.SANDBOX, "sandbox", notice.headers, notice.body)
