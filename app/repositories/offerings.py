"""Every statement about offerings and who performs them."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Integer,
    String,
    Uuid,
    any_,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by, array, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.bookings import HasBookings
from app.domain.offerings import (
    CatalogEntry,
    CatalogItem,
    Offering,
    OfferingFilter,
    OfferingSort,
    Performance,
    PerformedBy,
    UnknownCategory,
)
from app.domain.providers import ProviderStatus
from app.models import Categories, Offerings, ProviderOfferings, Providers
from app.repositories.base import Listing, columns, parameters, values
from app.repositories.categories import WITHIN_ID, WITHIN_SLUG
from app.repositories.searching import distance, found_in

COLUMNS: Final = columns(Offerings, Offering)
OFFERING_ID: Final = bindparam("offering_id", type_=Uuid)
FIXED: Final = ("id", "owner_id", "rating_average", "rating_count", "created_at")
CHANGING: Final = [name for name in Offering.__slots__ if name not in FIXED]
WRITTEN: Final = {"fk_offerings_category_id_categories": UnknownCategory}

BY_ID: Final = Query(select(*COLUMNS).where(Offerings.id == OFFERING_ID), Offering)
LOCK: Final = Query(
    select(Offerings.id).where(Offerings.id == OFFERING_ID).with_for_update(key_share=True), bool
)

ENTRY: Final = [
    *COLUMNS,
    Categories.name.label("category_name"),
    Categories.slug.label("category_slug"),
]
SHOWN: Final = Offerings.__table__.outerjoin(
    Categories.__table__, Categories.id == Offerings.category_id
)
PRICE: Final = func.coalesce(ProviderOfferings.price_amount, Offerings.price_amount)
MINUTES: Final = func.coalesce(ProviderOfferings.duration_minutes, Offerings.duration_minutes)
PERFORMED_BY: Final = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(Providers.id, Providers.name, PRICE, MINUTES),
                Providers.name,
                Providers.id,
            ),
            type_=JSONB,
        )
    )
    .select_from(ProviderOfferings)
    .join(Providers, Providers.id == ProviderOfferings.provider_id)
    .where(ProviderOfferings.offering_id == Offerings.id, Providers.status == ProviderStatus.ACTIVE)
    .correlate(Offerings)
    .scalar_subquery()
)


def _item(*row: Any) -> CatalogItem:
    providers = [PerformedBy(UUID(id_), *rest) for id_, *rest in row[-1] or ()]
    return CatalogItem(*(*row[:-1], providers))


ITEM: Final = Query(
    select(*ENTRY, PERFORMED_BY).select_from(SHOWN).where(Offerings.id == OFFERING_ID), _item
)

# One statement makes the offering and puts its maker on it, if a provider is named.
ADDED: Final = (
    insert(Offerings).values(parameters(Offerings, Offering)).returning(Offerings.id).cte("added")
)
PERFORMER: Final = bindparam("performer_id", type_=Uuid)
ADD: Final = Command(
    insert(ProviderOfferings)
    .from_select(
        ["offering_id", "provider_id"],
        select(ADDED.c.id, PERFORMER).where(PERFORMER.is_not(None)),
    )
    .inline(),
    violations=WRITTEN,
)
CHANGE: Final = Command(
    update(Offerings)
    .where(Offerings.id == OFFERING_ID)
    .values({name: bindparam(name, type_=Offerings.__table__.c[name].type) for name in CHANGING}),
    violations=WRITTEN,
)
REMOVE: Final = Command(
    delete(Offerings).where(Offerings.id == OFFERING_ID),
    violations={"fk_bookings_service_id_offerings": HasBookings},
)

PROVIDERS: Final = bindparam("provider_ids", type_=ARRAY(Uuid))
PERFORMANCES: Final = Query(
    select(*columns(ProviderOfferings, Performance)).where(
        ProviderOfferings.offering_id == OFFERING_ID
    ),
    Performance,
)
GIVEN: Final = (
    func.unnest(
        PROVIDERS,
        bindparam("prices", type_=ARRAY(BigInteger)),
        bindparam("minutes", type_=ARRAY(Integer)),
    )
    .table_valued("provider_id", "price_amount", "duration_minutes", name="given")
    .render_derived()
)
PUT_ON: Final = insert(ProviderOfferings).from_select(
    ["offering_id", "provider_id", "price_amount", "duration_minutes"],
    select(OFFERING_ID, GIVEN.c.provider_id, GIVEN.c.price_amount, GIVEN.c.duration_minutes),
)
PERFORM: Final = Command(
    PUT_ON.on_conflict_do_update(
        index_elements=["offering_id", "provider_id"],
        set_={
            "price_amount": PUT_ON.excluded.price_amount,
            "duration_minutes": PUT_ON.excluded.duration_minutes,
        },
    ).inline()
)
STOP: Final = Command(
    delete(ProviderOfferings).where(
        ProviderOfferings.offering_id == OFFERING_ID,
        ProviderOfferings.provider_id == any_(PROVIDERS),
    )
)

MATCHING: Final = Listing(
    Offerings,
    CatalogEntry,
    shown=ENTRY,
    source=SHOWN,
    filters={
        "q": found_in(Offerings.searched),
        "category_id": Offerings.category_id.in_(WITHIN_ID),
        "category_slug": Offerings.category_id.in_(WITHIN_SLUG),
        "tag": Offerings.tags.contains(array([bindparam("tag", type_=String(40))])),
        "provider_id": exists().where(
            ProviderOfferings.offering_id == Offerings.id,
            ProviderOfferings.provider_id == bindparam("provider_id"),
        ),
        "price_min": Offerings.price_amount >= bindparam("price_min"),
        "price_max": Offerings.price_amount <= bindparam("price_max"),
        "currency": Offerings.price_currency == bindparam("currency"),
        "rating_min": Offerings.rating_average >= bindparam("rating_min"),
        "status": Offerings.status == bindparam("status"),
        "owner_id": Offerings.owner_id == bindparam("owner_id"),
    },
    sorts={
        "relevance": distance(Offerings.name, Offerings.searched),
        "name": Offerings.name,
        "price": Offerings.price_amount,
        "rating": Offerings.rating_average,
        "created_at": Offerings.created_at,
    },
)


class OfferingRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, offering_id: UUID) -> Offering | None:
        return await self.connection.first(BY_ID, offering_id=offering_id)

    async def item(self, offering_id: UUID) -> CatalogItem | None:
        """Return it with its category and the providers who can be booked for it."""
        return await self.connection.first(ITEM, offering_id=offering_id)

    async def lock(self, offering_id: UUID) -> CatalogItem | None:
        """Return it, and let nobody else change it until the transaction ends."""
        await self.connection.first(LOCK, offering_id=offering_id)
        return await self.item(offering_id)

    async def add(self, offering: Offering, *, performer_id: UUID | None) -> None:
        """Insert it, performed by that provider if any; refuse an unknown category."""
        await self.connection.run(ADD, **values(offering), performer_id=performer_id)

    async def change(self, offering: Offering) -> None:
        """Write it over what is there; refuse an unknown category."""
        written = {name: getattr(offering, name) for name in CHANGING}
        await self.connection.run(CHANGE, offering_id=offering.id, **written)

    async def remove(self, offering_id: UUID) -> None:
        """Delete it; refuse with HasBookings if it was ever booked."""
        await self.connection.run(REMOVE, offering_id=offering_id)

    async def performances(self, offering_id: UUID) -> list[Performance]:
        """Return the terms of everybody who performs it, whether they can be booked or not."""
        return await self.connection.all(PERFORMANCES, offering_id=offering_id)

    async def perform(self, offering_id: UUID, performances: Sequence[Performance]) -> None:
        """Put providers on it, or change their terms."""
        await self.connection.run(
            PERFORM,
            offering_id=offering_id,
            provider_ids=[one.provider_id for one in performances],
            prices=[one.price_amount for one in performances],
            minutes=[one.duration_minutes for one in performances],
        )

    async def stop(self, offering_id: UUID, provider_ids: Sequence[UUID]) -> None:
        """Take providers off it."""
        await self.connection.run(STOP, offering_id=offering_id, provider_ids=list(provider_ids))

    async def matching(
        self, wanted: OfferingFilter, request: PageRequest[OfferingSort]
    ) -> Page[CatalogEntry]:
        return await MATCHING.page(self.connection, wanted, request)
