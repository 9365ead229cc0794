"""Playing the customer's part, where the gateway is the one without a bank."""

from collections.abc import Callable
from uuid import UUID

from app.domain.disputes import DisputeState
from app.domain.gateway_events import GatewayUnknown
from app.domain.payments import GatewayName, Payment, PaymentNotFound
from app.integrations.payments.protocol import Delivery, Playground
from app.repositories.payments import PaymentRepository
from app.services.cards import CardService
from app.services.gateway_events import GatewayEventService


class SandboxService:
    def __init__(
        self,
        payments: PaymentRepository,
        events: GatewayEventService,
        cards: CardService,
        playground: Playground | None,
    ) -> None:
        self.payments = payments
        self.events = events
        self.cards = cards
        self.playground = playground

    async def play(self, payment_id: UUID, *, succeeds: bool) -> None:
        """Let a payment succeed, or be declined: by a signed notice, as from outside."""
        await self._act(
            payment_id,
            lambda ground, payment: (
                ground.succeed(payment.charge(), capture=not payment.is_manual)
                if succeeds
                else ground.fail(payment.charge())
            ),
        )

    async def dispute(self, payment_id: UUID, state: DisputeState) -> None:
        """Let the customer's bank take it back, or say how that ended: by such a notice, too."""
        await self._act(payment_id, lambda ground, payment: ground.dispute(payment.charge(), state))

    async def save_card(self, user_id: UUID, last4: str) -> None:
        """Let somebody save a test card: by such a notice, too."""
        if self.playground is None:
            raise GatewayUnknown
        customer = await self.cards.customer_of(user_id, GatewayName.SANDBOX)
        await self._hear(self.playground.save(customer, last4))

    async def _act(self, payment_id: UUID, act: Callable[[Playground, Payment], Delivery]) -> None:
        if self.playground is None:
            raise GatewayUnknown
        payment = await self.payments.get(payment_id)
        if payment is None or payment.gateway is not GatewayName.SANDBOX:
            raise PaymentNotFound
        await self._hear(act(self.playground, payment))

    async def _hear(self, notice: Delivery) -> None:
        await self.events.receive(GatewayName.SANDBOX, "sandbox", notice.headers, notice.body)
