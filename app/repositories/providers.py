"""Every statement about those who perform services."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.offerings import OfferingStatus
from app.domain.providers import (
    Performed,
    Provider,
    ProviderFilter,
    ProviderItem,
    ProviderSort,
)
from app.models import Offerings, ProviderOfferings, Providers
from app.repositories.base import Listing, columns
from app.repositories.categories import WITHIN_ID, WITHIN_SLUG
from app.repositories.offerings import MINUTES, PRICE
from app.repositories.searching import distance, found_in

COLUMNS: Final = columns(Providers, Provider)
PROVIDER_ID: Final = bindparam("provider_id", type_=Uuid)

BY_ID: Final = Query(select(*COLUMNS).where(Providers.id == PROVIDER_ID), Provider)
LOCK: Final = Query(
    select(*COLUMNS).where(Providers.id == PROVIDER_ID).with_for_update(key_share=True), Provider
)
KNOWN: Final = Query(
    select(Providers.id).where(Providers.id == any_(bindparam("ids", type_=ARRAY(Uuid)))),
    lambda id_: id_,
)
MOVE: Final = Command(
    update(Providers)
    .where(Providers.id == PROVIDER_ID, Providers.timezone != bindparam("timezone"))
    .values(timezone=bindparam("timezone"), updated_at=bindparam("now"))
)

PERFORMS: Final = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(
                    Offerings.id, Offerings.name, PRICE, Offerings.price_currency, MINUTES
                ),
                Offerings.name,
                Offerings.id,
            ),
            type_=JSONB,
        )
    )
    .select_from(ProviderOfferings)
    .join(Offerings, Offerings.id == ProviderOfferings.offering_id)
    .where(ProviderOfferings.provider_id == Providers.id, Offerings.status == OfferingStatus.ACTIVE)
    .correlate(Providers)
    .scalar_subquery()
    .label("services")
)


def _item(*row: Any) -> ProviderItem:
    services = [Performed(UUID(id_), *rest) for id_, *rest in row[-1] or ()]
    return ProviderItem(*(*row[:-1], services))


ITEM: Final = Query(select(*COLUMNS, PERFORMS).where(Providers.id == PROVIDER_ID), _item)


def _performs(*conditions: Any) -> Any:
    """Tell whether they perform an active offering that meets the conditions."""
    return (
        exists()
        .where(
            ProviderOfferings.provider_id == Providers.id,
            Offerings.id == ProviderOfferings.offering_id,
            Offerings.status == OfferingStatus.ACTIVE,
            *conditions,
        )
        .correlate(Providers)
    )


MATCHING: Final = Listing(
    Providers,
    _item,
    shown=[*COLUMNS, PERFORMS],
    filters={
        "q": found_in(Providers.searched),
        "service_id": _performs(Offerings.id == bindparam("service_id")),
        "category_id": _performs(Offerings.category_id.in_(WITHIN_ID)),
        "category_slug": _performs(Offerings.category_id.in_(WITHIN_SLUG)),
        "rating_min": Providers.rating_average >= bindparam("rating_min"),
        "status": Providers.status == bindparam("status"),
    },
    sorts={
        "relevance": distance(Providers.name, Providers.searched),
        "name": Providers.name,
        "rating": Providers.rating_average,
    },
)


class ProviderRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, provider_id: UUID) -> Provider | None:
        return await self.connection.first(BY_ID, provider_id=provider_id)

    async def item(self, provider_id: UUID) -> ProviderItem | None:
        """Return them with what they can be booked for."""
        return await self.connection.first(ITEM, provider_id=provider_id)

    async def lock(self, provider_id: UUID) -> Provider | None:
        """Return them, and let nobody else change them until the transaction ends."""
        return await self.connection.first(LOCK, provider_id=provider_id)

    async def known(self, provider_ids: Sequence[UUID]) -> set[UUID]:
        """Return those of the ids that are a provider's."""
        return set(await self.connection.all(KNOWN, ids=list(provider_ids)))

    async def move(self, provider_id: UUID, timezone: str, *, now: datetime) -> None:
        """Let them live in another zone."""
        await self.connection.run(MOVE, provider_id=provider_id, timezone=timezone, now=now)

    async def matching(
        self, wanted: ProviderFilter, request: PageRequest[ProviderSort]
    ) -> Page[ProviderItem]:
        return await MATCHING.page(self.connection, wanted, request)
