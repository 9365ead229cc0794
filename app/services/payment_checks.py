"""Whether payments, bookings and the books agree."""

from app.domain.payment_checks import MOST_SHOWN, Disagreement
from app.repositories.payment_checks import PaymentCheckRepository


class PaymentCheckService:
    def __init__(self, checks: PaymentCheckRepository) -> None:
        self.checks = checks

    async def disagreements(self) -> list[Disagreement]:
        """Return where they don't, the first of each kind: nothing, if all is well."""
        return await self.checks.found(most=MOST_SHOWN)
