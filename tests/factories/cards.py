"""Saved cards, as they stand in the tables."""

from typing import Any
from uuid import UUID

from app.core.database import Connection
from app.core.ids import new_id
from app.domain.cards import GatewayCustomer, SavedCard
from app.domain.payments import GatewayName
from app.repositories.cards import CardRepository
from tests.factories.clock import at


async def make_card(
    connection: Connection,
    user_id: UUID,
    last4: str = "4242",
    gateway: GatewayName = GatewayName.SANDBOX,
    **changes: Any,
) -> SavedCard:
    """Make a card that somebody has saved."""
    cards, id_ = CardRepository(connection), new_id()
    await cards.add_customer(GatewayCustomer(user_id, gateway, f"sandbox_cus_{user_id.hex}"))
    given: dict[str, Any] = {
        "reference": f"sandbox_pm_{last4}_{id_.hex}",
        "brand": "visa",
        "last4": last4,
        "expires_month": 12,
        "expires_year": 2034,
        "removed_at": None,
        "created_at": at(0),
        "updated_at": at(0),
    }
    card = SavedCard(id_, user_id, gateway, **{**given, **changes})
    await cards.add(card)
    return card
