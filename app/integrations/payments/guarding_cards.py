"""A gateway that keeps cards, guarded as all its calls are."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.domain.card_reports import CardReport
from app.integrations.payments.guarding import GuardedGateway
from app.integrations.payments.protocol import CardGateway


class GuardedCardGateway(GuardedGateway):
    def __init__(self, gateway: CardGateway, name: str, **more: Any) -> None:
        super().__init__(gateway, name, **more)
        self._keeping = gateway

    async def customer(self, user_id: UUID) -> str:
        return await self._ask("customer", lambda: self._keeping.customer(user_id))

    async def begin_saving(self, setup_id: UUID, customer: str) -> str:
        return await self._ask(
            "begin_saving", lambda: self._keeping.begin_saving(setup_id, customer)
        )

    async def cards(self, customer: str) -> Sequence[CardReport]:
        return await self._ask("cards", lambda: self._keeping.cards(customer))

    async def forget(self, card: str) -> None:
        await self._ask("forget", lambda: self._keeping.forget(card))

    async def forget_customer(self, customer: str) -> None:
        await self._ask("forget_customer", lambda: self._keeping.forget_customer(customer))
