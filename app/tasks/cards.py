"""What gateways are asked about saved cards."""

from app.bootstrap import Services
from app.domain.cards import CardRemoved, CardsUncertain, CustomerErased
from app.tasks.registry import handles


@handles(CardRemoved)
async def forget_card(message: CardRemoved, services: Services) -> None:
    await services.cards.forget(message.card_id)


@handles(CardsUncertain)
async def look_for_cards(message: CardsUncertain, services: Services) -> None:
    await services.cards.look(message.user_id, message.gateway)


@handles(CustomerErased)
async def forget_customer(message: CustomerErased, services: Services) -> None:
    await services.cards.forget_customer(message.gateway, message.customer_id)
