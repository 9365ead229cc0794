"""Every statement about those who perform services."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Date, Uuid, and_, any_, bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.offerings import OfferingStatus
from app.domain.places import around
from app.domain.providers import (
    OwnTerms,
    Performed,
    Provider,
    ProviderFilter,
    ProviderItem,
    ProviderSort,
)
from app.models import Offerings, ProviderOfferings, Providers
from app.repositories.base import Listing, columns, values
from app.repositories.categories import WITHIN_ID, WITHIN_SLUG
from app.repositories.offerings import MINUTES, PRICE
from app.repositories.places import kilometres, within
from app.repositories.searching import distance, found_in

COLUMNS: Final = columns(Providers, Provider)
OWN: Final = columns(Providers, OwnTerms)
TOLD: Final = ("bio", "location", "latitude", "longitude", "updated_at")
PROVIDER_ID: Final = bindparam("provider_id", type_=Uuid)
DAY: Final = bindparam("available_on", type_=Date)

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
CHANGE: Final = Command(
    update(Providers)
    .where(Providers.id == PROVIDER_ID)
    .values(
        {
            name: bindparam(name, type_=Providers.__table__.c[name].type)
            for name in (*TOLD, *OwnTerms.__slots__)
        }
        | {"hours_version": Providers.hours_version + 1}
    )
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
    plain, own = row[: len(COLUMNS)], row[len(COLUMNS) : -1]
    return ProviderItem(*(*plain, services, OwnTerms(*own)))


ITEM: Final = Query(select(*COLUMNS, *OWN, PERFORMS).where(Providers.id == PROVIDER_ID), _item)


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


FILTERS: Final = {
    "q": found_in(Providers.searched),
    "service_id": _performs(Offerings.id == bindparam("service_id")),
    "category_id": _performs(Offerings.category_id.in_(WITHIN_ID)),
    "category_slug": _performs(Offerings.category_id.in_(WITHIN_SLUG)),
    "rating_min": Providers.rating_average >= bindparam("rating_min"),
    "status": Providers.status == bindparam("status"),
    # Whether a time is free SQL can't tell; only whether one could be, as far as days go.
    "available_on": and_(
        bindparam("yesterday", type_=Date) <= DAY,
        _performs(DAY - Offerings.max_horizon_days <= bindparam("tomorrow", type_=Date)),
    ),
    "latitude": Providers.latitude.is_not(None),
    "longitude": Providers.longitude.is_not(None),
    "radius_km": within(Providers.latitude, Providers.longitude),
}
SORTS: Final = {
    "relevance": distance(Providers.name, Providers.searched),
    "name": Providers.name,
    "rating": Providers.rating_average,
}
DISTANCE: Final = kilometres(Providers.latitude, Providers.longitude)
MATCHING: Final = Listing(
    Providers, _item, shown=[*COLUMNS, *OWN, PERFORMS], filters=FILTERS, sorts=SORTS
)
NEAR: Final = Listing(
    Providers,
    lambda *row: replace(_item(*row[:-1]), distance_km=row[-1]),
    shown=[*COLUMNS, *OWN, PERFORMS, DISTANCE.label("distance_km")],
    filters=FILTERS,
    sorts=SORTS | {"distance": DISTANCE},
)
Keep = Callable[[Sequence[ProviderItem]], Awaitable[Sequence[bool]]]


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

    async def change(self, provider: ProviderItem) -> None:
        """Write what they say of themselves and their own terms over what is there."""
        told = {name: getattr(provider, name) for name in TOLD}
        await self.connection.run(CHANGE, provider_id=provider.id, **told, **values(provider.own))

    async def known(self, provider_ids: Sequence[UUID]) -> set[UUID]:
        """Return those of the ids that are a provider's."""
        return set(await self.connection.all(KNOWN, ids=list(provider_ids)))

    async def move(self, provider_id: UUID, timezone: str, *, now: datetime) -> None:
        """Let them live in another zone."""
        await self.connection.run(MOVE, provider_id=provider_id, timezone=timezone, now=now)

    async def matching(
        self, wanted: ProviderFilter, request: PageRequest[ProviderSort]
    ) -> Page[ProviderItem]:
        listing, near = _asked(wanted)
        return await listing.page(self.connection, wanted, request, **near)

    async def sifted(
        self,
        wanted: ProviderFilter,
        request: PageRequest[ProviderSort],
        keep: Keep,
        *,
        today: date,
    ) -> Page[ProviderItem]:
        """Return those of `matching` that `keep` keeps; a page may be short (see Listing.sifted).

        `today` is that of UTC: somewhere it is the day before or after.
        """
        listing, near = _asked(wanted)
        days = {"yesterday": today - timedelta(days=1), "tomorrow": today + timedelta(days=1)}
        return await listing.sifted(self.connection, wanted, request, keep, **near, **days)


def _asked(wanted: ProviderFilter) -> tuple[Listing[ProviderItem], dict[str, float]]:
    """Return the list to read, and the boxes to look in."""
    if wanted.latitude is None or wanted.longitude is None or wanted.radius_km is None:
        return MATCHING, {}
    return NEAR, asdict(around(wanted.latitude, wanted.longitude, wanted.radius_km))
