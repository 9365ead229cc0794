"""Whether payments, bookings, the books and the gateways agree."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.money import Money
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.payment_checks import (
    MOST_ASKED,
    MOST_SHOWN,
    Disagreement,
    GatewayAnswers,
    compared,
)
from app.domain.payments import Charge, ChargeState, GatewayName
from app.integrations.payments.protocol import PaymentGateway
from app.repositories.payment_checks import PaymentCheckRepository
from app.repositories.payment_looks import PaymentLookRepository

SETTLED: Final = timedelta(minutes=10)
"""What was touched since may be on its way, here or there."""


class PaymentCheckService:
    def __init__(
        self,
        checks: PaymentCheckRepository,
        looks: PaymentLookRepository,
        gateways: Mapping[GatewayName, PaymentGateway],
        clock: Clock,
    ) -> None:
        self.checks = checks
        self.looks = looks
        self.gateways = gateways
        self.clock = clock

    async def disagreements(self) -> list[Disagreement]:
        """Return where they don't, the first of each kind: nothing, if all is well."""
        return await self.checks.found(most=MOST_SHOWN)

    async def asked_of(self, name: GatewayName) -> GatewayAnswers:
        """Ask a gateway about its newest payments, or about none if there is none.

        Changes nothing, and wants no transaction open. Refused with GatewayUnavailable.
        """
        gateway, disagreements = self.gateways[name], []
        before = self.clock() - SETTLED
        payments = await self.looks.newest(name, before=before, most=MOST_ASKED)
        try:
            if not payments:
                await gateway.look(_of_nobody())
            for payment in payments:
                found = compared(payment, await gateway.look(payment.charge()))
                disagreements += [found] if found else []
        except GatewayRefused as refusal:
            raise GatewayUnavailable from refusal
        return GatewayAnswers(len(payments), disagreements)


def _of_nobody() -> Charge:
    """Return a payment that no gateway knows: whoever answers that is there, and knows us."""
    return Charge("", new_id(), ChargeState.OPEN, Money(100, "EUR"))
