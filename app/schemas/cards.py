"""Saved cards as the API shows them: under the name of ways to pay."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.cards import CardSetup, CardSort, SavedCard
from app.domain.payments import GatewayName
from app.schemas.base import ListQuery
from app.schemas.bookings import AnId, ATime


class SavedCardRead(TypedDict):
    id: AnId
    gateway: GatewayName
    brand: Annotated[str, Field(examples=["visa"])]
    last4: Annotated[str, Field(examples=["4242"])]
    expires_month: Annotated[int, Field(examples=[12])]
    expires_year: Annotated[int, Field(examples=[2034])]
    created_at: ATime


class CardSetupRead(TypedDict):
    """A card on its way to be saved; once it is, it stands in the list."""

    id: AnId
    gateway: GatewayName
    status: Literal["requires_action"]
    client_secret: Annotated[str, Field(examples=["seti_123_secret_456"])]
    """What the customer's app saves the card with; the card's number never comes here."""


def saved_card_read(card: SavedCard) -> SavedCardRead:
    return {
        "id": card.id,
        "gateway": card.gateway,
        "brand": card.brand,
        "last4": card.last4,
        "expires_month": card.expires_month,
        "expires_year": card.expires_year,
        "created_at": card.created_at,
    }


def card_setup_read(setup: CardSetup) -> CardSetupRead:
    return {
        "id": setup.id,
        "gateway": setup.gateway,
        "status": "requires_action",
        "client_secret": setup.client_secret,
    }


class SavedCardQuery(ListQuery):
    sort: CardSort = CardSort.NEWEST

    def page(self) -> PageRequest[CardSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
