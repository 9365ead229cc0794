"""Cards that gateways keep for customers."""

from functools import cached_property

from app.bootstrap.identity import IdentityServices
from app.domain.payments import GatewayName
from app.integrations.payments.protocol import CardGateway
from app.repositories.cards import CardRepository
from app.repositories.jobs import JobRepository
from app.services.cards import CardService


class CardServices(IdentityServices):
    """Whose cards can be charged."""

    @cached_property
    def cards(self) -> CardService:
        gateways = self._adapters.gateways
        return CardService(
            CardRepository(self._connection),
            JobRepository(self._connection),
            {name: one for name, one in gateways.items() if isinstance(one, CardGateway)},
            self._checkpoint,
            self._adapters.clock,
            kept_by=self._cards_go_to,
        )

    @property
    def _cards_go_to(self) -> GatewayName:
        """Return who takes cards: Stripe, and the sandbox where there is no Stripe."""
        has_stripe = GatewayName.STRIPE in self._adapters.gateways
        return GatewayName.STRIPE if has_stripe else GatewayName.SANDBOX
