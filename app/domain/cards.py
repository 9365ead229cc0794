"""The vocabulary of saved cards: what a gateway keeps for a customer, and what we know of it.

We know by which reference the gateway has a card, and what its owner tells it by: never more.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.messages import Message
from app.domain.payments import GatewayName


@dataclass(frozen=True, slots=True)
class GatewayCustomer:
    """Under which name a gateway knows somebody."""

    user_id: UUID
    gateway: GatewayName
    reference: str


@dataclass(frozen=True, slots=True)
class SavedCard:
    id: UUID
    user_id: UUID
    gateway: GatewayName
    reference: str
    brand: str
    last4: str
    expires_month: int
    expires_year: int
    removed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CardSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class CardFilter:
    """Whose cards to list: those that were not removed."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class CardSetup:
    """A card on its way to be saved: what its owner's app needs for that."""

    id: UUID
    gateway: GatewayName
    client_secret: str = field(repr=False)


class CardChoice(NamedTuple):
    """With which saved card to pay, and whether to save the one that is paid with."""

    card_id: UUID | None = None
    is_saved: bool = False


ANY_CARD = CardChoice()


class SavedCardNotFound(NotFound):
    """There is no such saved card."""


class UnknownCard(Invalid):
    """There is no such saved card, or not for this way to pay."""

    pointer = "#/saved_card_id"


class CardNotKept(Invalid):
    """No cards are saved by this way to pay."""

    pointer = "#/save_card"


class CardsNotKept(Conflict):
    """No cards are saved here."""


@dataclass(frozen=True, slots=True)
class CardSaved(Message):
    """Somebody has one card more that can be charged."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class CardRemoved(Message):
    """Its gateway has to forget it, too."""

    card_id: UUID


@dataclass(frozen=True, slots=True)
class CardsUncertain(Message):
    """Its gateway has to be asked which cards somebody has."""

    user_id: UUID
    gateway: GatewayName


@dataclass(frozen=True, slots=True)
class CustomerErased(Message):
    """The gateway has to forget a customer of ours with all their cards."""

    gateway: GatewayName
    customer_id: str
    """As the gateway knows them."""
