"""Cards that gateways keep for customers: saved, listed, removed, and chosen to pay with."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.ids import named_id, new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.card_reports import CardReport
from app.domain.cards import (
    CardChoice,
    CardFilter,
    CardNotKept,
    CardRemoved,
    CardSaved,
    CardSetup,
    CardsNotKept,
    CardSort,
    CardsUncertain,
    CustomerErased,
    GatewayCustomer,
    SavedCard,
    SavedCardNotFound,
    UnknownCard,
)
from app.domain.payments import GatewayName, Payment
from app.integrations.payments.protocol import CardGateway
from app.repositories.cards import CardRepository
from app.repositories.jobs import JobRepository

LOOKED_AFTER: Final = timedelta(minutes=15)


class CardService:
    """`kept_by` is who keeps new ones.

    What gateways tell of cards is merged as everything they tell: a card is added however often,
    and one that was removed never comes back.
    """

    def __init__(
        self,
        cards: CardRepository,
        jobs: JobRepository,
        gateways: Mapping[GatewayName, CardGateway],
        checkpoint: Checkpoint,
        clock: Clock,
        *,
        kept_by: GatewayName,
    ) -> None:
        self.cards = cards
        self.jobs = jobs
        self.gateways = gateways
        self.checkpoint = checkpoint
        self.clock = clock
        self.kept_by = kept_by

    async def begin_saving(self, actor: Actor, *, key: str | None = None) -> CardSetup:
        """Ask the gateway for what a card is saved with; refuse with CardsNotKept.

        That it was saved is told by a notice, and asked after in a while. No transaction is open
        during a call, and nothing is taken. A request sent again with its key begins the same; one
        without begins again.
        """
        if self.kept_by not in self.gateways:
            raise CardsNotKept
        customer = await self.customer_of(actor.user_id, self.kept_by)
        setup_id = new_id() if key is None else named_id(f"setup/{actor.user_id}/{key}")
        await self.checkpoint()
        secret = await self.gateways[self.kept_by].begin_saving(setup_id, customer)
        await self.look_later(actor.user_id, self.kept_by)
        return CardSetup(setup_id, self.kept_by, secret)

    async def look_later(self, user_id: UUID, gateway: GatewayName) -> None:
        """Have the gateway asked in a while, should nobody tell."""
        await self.jobs.announce(
            CardsUncertain(user_id, gateway),
            after=LOOKED_AFTER,
            dedupe=f"cards:{gateway}:{user_id}",
        )

    async def customer_of(self, user_id: UUID, gateway: GatewayName) -> str:
        """Return under which name a gateway knows somebody; it is asked to, if it doesn't."""
        known = await self.cards.customer_of(user_id, gateway)
        if known is not None:
            return known.reference
        await self.checkpoint()
        reference = await self.gateways[gateway].customer(user_id)
        await self.cards.add_customer(GatewayCustomer(user_id, gateway, reference))
        return reference

    async def list(self, actor: Actor, request: PageRequest[CardSort]) -> Page[SavedCard]:
        return await self.cards.matching(CardFilter(actor.user_id), request)

    async def remove(self, actor: Actor, card_id: UUID) -> None:
        """Forget a card; the gateway is asked to forget it, too, once this is committed."""
        card = await self.cards.get(card_id)
        if card is None or card.user_id != actor.user_id:
            raise SavedCardNotFound
        if not await self.cards.remove(card_id, now=self.clock()):
            raise SavedCardNotFound
        await self.jobs.announce(CardRemoved(card_id))

    async def forget(self, card_id: UUID) -> None:
        """Have the gateway forget a card; safe to repeat."""
        card = await self.cards.get(card_id)
        if card is None or card.gateway not in self.gateways:
            return
        await self.checkpoint()
        await self.gateways[card.gateway].forget(card.reference)

    async def erase(self, user_id: UUID) -> None:
        """Have the gateways forget somebody with all their cards."""
        for one in await self.cards.customers(user_id):
            await self.jobs.announce(CustomerErased(one.gateway, one.reference))

    async def forget_customer(self, gateway: GatewayName, reference: str) -> None:
        if gateway in self.gateways:
            await self.checkpoint()
            await self.gateways[gateway].forget_customer(reference)

    async def look(self, user_id: UUID, gateway: GatewayName) -> None:
        """Ask the gateway which cards somebody has, and add those we don't know."""
        customer = await self.cards.customer_of(user_id, gateway)
        if customer is None or gateway not in self.gateways:
            return
        await self.checkpoint()
        for report in await self.gateways[gateway].cards(customer.reference):
            await self.take_in(gateway, report)

    async def take_in(self, gateway: GatewayName, report: CardReport) -> None:
        """Take in what a gateway tells of a card; of somebody we don't know, nothing."""
        if report.is_removed:
            await self.cards.gone(gateway, report.reference, now=self.clock())
        elif report.customer and (found := await self.cards.known_as(gateway, report.customer)):
            await self._add(found, report)

    async def chosen(self, user_id: UUID, gateway: GatewayName, choice: CardChoice) -> None:
        """Refuse with UnknownCard or CardNotKept what can't be done by that way to pay."""
        if choice.is_saved and gateway not in self.gateways:
            raise CardNotKept
        if choice.card_id is not None:
            card = await self.cards.get(choice.card_id)
            whose = card and (card.user_id, card.gateway, card.removed_at)
            if whose != (user_id, gateway, None):
                raise UnknownCard

    async def paid_with(self, payment: Payment) -> tuple[str | None, str | None]:
        """Return the gateway's names for who pays and for the card they chose."""
        if payment.card_id is None and not payment.saves_card:
            return None, None
        customer = await self.customer_of(payment.user_id, payment.gateway)
        card = await self.cards.get(payment.card_id) if payment.card_id else None
        if payment.saves_card:
            await self.look_later(payment.user_id, payment.gateway)
        return customer, card.reference if card else None

    async def _add(self, customer: GatewayCustomer, report: CardReport) -> None:
        now = self.clock()
        card = SavedCard(
            id=new_id(),
            user_id=customer.user_id,
            gateway=customer.gateway,
            reference=report.reference,
            brand=report.brand,
            last4=report.last4,
            expires_month=report.expires_month,
            expires_year=report.expires_year,
            removed_at=None,
            created_at=now,
            updated_at=now,
        )
        if await self.cards.add(card):
            await self.jobs.announce(CardSaved(customer.user_id))
