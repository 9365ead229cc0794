"""Every statement about saved cards, and about whom gateways know."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Uuid, bindparam, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.cards import CardFilter, CardSort, GatewayCustomer, SavedCard
from app.domain.payments import GatewayName
from app.models import GatewayCustomers, SavedCards
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(SavedCards, SavedCard)
CUSTOMER: Final = columns(GatewayCustomers, GatewayCustomer)
USER: Final = bindparam("user_id", type_=Uuid)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
KEPT: Final = ("brand", "last4", "expires_month", "expires_year", "updated_at")

ADDED: Final = insert(SavedCards).values(parameters(SavedCards, SavedCard))
# One that was removed stays so: what is told of it afterwards is late. `xmax` is zero of a row
# that is new.
ADD: Final = Query(
    ADDED.on_conflict_do_update(
        constraint="uq_saved_cards_reference",
        set_={name: ADDED.excluded[name] for name in KEPT},
        where=SavedCards.user_id == ADDED.excluded.user_id,
    ).returning(literal_column("saved_cards.xmax = 0", Boolean)),
    bool,
)
BY_ID: Final = Query(
    select(*COLUMNS).where(SavedCards.id == bindparam("id", type_=Uuid)), SavedCard
)
LATEST: Final = Query(
    select(*COLUMNS)
    .where(
        SavedCards.user_id == USER,
        SavedCards.gateway == bindparam("gateway"),
        SavedCards.removed_at.is_(None),
    )
    .order_by(SavedCards.created_at.desc(), SavedCards.id.desc())
    .limit(1),
    SavedCard,
)
REMOVE: Final = Command(
    update(SavedCards)
    .where(SavedCards.id == bindparam("id", type_=Uuid), SavedCards.removed_at.is_(None))
    .values(removed_at=NOW, updated_at=NOW)
)
GONE: Final = Command(
    update(SavedCards)
    .where(
        SavedCards.gateway == bindparam("gateway"),
        SavedCards.reference == bindparam("reference"),
        SavedCards.removed_at.is_(None),
    )
    .values(removed_at=NOW, updated_at=NOW)
)
ADD_CUSTOMER: Final = Command(
    insert(GatewayCustomers)
    .values(parameters(GatewayCustomers, GatewayCustomer))
    .on_conflict_do_nothing()
    .inline()
)
CUSTOMER_OF: Final = Query(
    select(*CUSTOMER).where(
        GatewayCustomers.user_id == USER, GatewayCustomers.gateway == bindparam("gateway")
    ),
    GatewayCustomer,
)
KNOWN_AS: Final = Query(
    select(*CUSTOMER).where(
        GatewayCustomers.gateway == bindparam("gateway"),
        GatewayCustomers.reference == bindparam("reference"),
    ),
    GatewayCustomer,
)
CUSTOMERS: Final = Query(select(*CUSTOMER).where(GatewayCustomers.user_id == USER), GatewayCustomer)
MATCHING: Final = Listing(
    SavedCards,
    SavedCard,
    filters={
        "user_id": (SavedCards.user_id == bindparam("user_id")) & SavedCards.removed_at.is_(None)
    },
    sorts={"created_at": SavedCards.created_at},
)


class CardRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, card: SavedCard) -> bool:
        """Keep a card, or what is newer of it; return whether it is new."""
        return await self.connection.first(ADD, **values(card)) or False

    async def get(self, card_id: UUID) -> SavedCard | None:
        return await self.connection.first(BY_ID, id=card_id)

    async def latest(self, user_id: UUID, gateway: GatewayName) -> SavedCard | None:
        """Return the newest card that somebody has at a gateway."""
        return await self.connection.first(LATEST, user_id=user_id, gateway=gateway)

    async def remove(self, card_id: UUID, *, now: datetime) -> bool:
        """Return whether it was there to be removed."""
        return await self.connection.run(REMOVE, id=card_id, now=now) == 1

    async def gone(self, gateway: GatewayName, reference: str, *, now: datetime) -> None:
        """Write that a gateway has it no longer."""
        await self.connection.run(GONE, gateway=gateway, reference=reference, now=now)

    async def add_customer(self, customer: GatewayCustomer) -> None:
        await self.connection.run(ADD_CUSTOMER, **values(customer))

    async def customer_of(self, user_id: UUID, gateway: GatewayName) -> GatewayCustomer | None:
        return await self.connection.first(CUSTOMER_OF, user_id=user_id, gateway=gateway)

    async def known_as(self, gateway: GatewayName, reference: str) -> GatewayCustomer | None:
        """Return of whom a gateway speaks."""
        return await self.connection.first(KNOWN_AS, gateway=gateway, reference=reference)

    async def customers(self, user_id: UUID) -> list[GatewayCustomer]:
        return await self.connection.all(CUSTOMERS, user_id=user_id)

    async def matching(self, wanted: CardFilter, request: PageRequest[CardSort]) -> Page[SavedCard]:
        return await MATCHING.page(self.connection, wanted, request)
