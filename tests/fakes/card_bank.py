"""A bank that keeps cards, and charges them while their owner is absent."""

from collections.abc import Sequence
from uuid import UUID

from app.domain.card_reports import CardReport
from app.domain.payments import Asked, ChargeState
from tests.fakes.bank import Bank

GOOD, SHY = "pm_good", "pm_shy"


class CardBank(Bank):
    """A card named `GOOD` pays; any other wants its owner to be there, and so is declined."""

    async def customer(self, user_id: UUID) -> str:
        return f"cus_{user_id.hex}"

    async def begin_saving(self, setup_id: UUID, customer: str) -> str:
        return f"seti_{setup_id.hex}_secret_{customer}"

    async def cards(self, customer: str) -> Sequence[CardReport]:
        return ()

    async def forget(self, card: str) -> None:
        """It never told of one."""

    async def forget_customer(self, customer: str) -> None:
        """It keeps nothing of them."""

    def _begun(self, asked: Asked) -> None:
        charge = self.charges[asked.payment_id]
        is_new = charge.state is ChargeState.OPEN and charge.failure_code is None
        if asked.is_absent and asked.card and is_new:
            act = self.pay if asked.card.startswith(GOOD) else self.decline
            act(asked.payment_id)
