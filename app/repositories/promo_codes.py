"""Every statement about promo codes as those see them who made them."""

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.promo_codes import (
    PromoCode,
    PromoCodeFilter,
    PromoCodeSort,
    PromoCodeTaken,
    UsedMoreOften,
)
from app.models import Events, Offerings, PromoCodes, ProviderOfferings, Providers, TicketTypes
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(PromoCodes, PromoCode)
ID: Final = bindparam("id", type_=Uuid)
# What it takes off and what for stays as it is: bookings were made by it. Uses are counted.
CHANGING: Final = (
    *("max_uses", "max_uses_per_user", "returns_use", "starts_at", "ends_at", "is_active"),
    "updated_at",
)

BY_ID: Final = Query(select(*COLUMNS).where(PromoCodes.id == ID), PromoCode)
LOCK: Final = Query(
    select(*COLUMNS).where(PromoCodes.id == ID).with_for_update(key_share=True), PromoCode
)
ADD: Final = Command(
    insert(PromoCodes).values(parameters(PromoCodes, PromoCode)),
    violations={"uq_promo_codes_code": PromoCodeTaken},
)
CHANGE: Final = Command(
    update(PromoCodes)
    .where(PromoCodes.id == bindparam("promo_code_id", type_=Uuid))
    .values({name: bindparam(name, type_=PromoCodes.__table__.c[name].type) for name in CHANGING}),
    violations={"ck_promo_codes_uses": UsedMoreOften},
)

EVENT: Final = bindparam("event_id", type_=Uuid)
ORGANIZER: Final = Query(select(Events.organizer_id).where(Events.id == EVENT), lambda id_: id_)
TYPES: Final = Query(select(TicketTypes.id).where(TicketTypes.event_id == EVENT), lambda id_: id_)
SERVICE: Final = bindparam("service_id", type_=Uuid)
# Of a service: who owns it, and who performs it.
SELLERS: Final = Query(
    select(
        select(Offerings.owner_id)
        .where(Offerings.id == SERVICE, Offerings.owner_id.is_not(None))
        .union(
            select(Providers.user_id)
            .join(ProviderOfferings, ProviderOfferings.provider_id == Providers.id)
            .where(ProviderOfferings.offering_id == SERVICE)
        )
        .subquery("sellers")
        .c.owner_id
    ),
    lambda id_: id_,
)
HAS_SERVICE: Final = Query(select(func.count() > 0).where(Offerings.id == SERVICE), bool)

MATCHING: Final = Listing(
    PromoCodes,
    PromoCode,
    filters={
        "owner_id": PromoCodes.owner_id == bindparam("owner_id"),
        "event_id": PromoCodes.event_id == bindparam("event_id"),
        "is_active": PromoCodes.is_active == bindparam("is_active"),
    },
    sorts={"created_at": PromoCodes.created_at, "code": PromoCodes.code},
)


class PromoCodeRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, promo_code_id: UUID) -> PromoCode | None:
        return await self.connection.first(BY_ID, id=promo_code_id)

    async def lock(self, promo_code_id: UUID) -> PromoCode | None:
        return await self.connection.first(LOCK, id=promo_code_id)

    async def add(self, code: PromoCode) -> None:
        """Insert it; refuse with PromoCodeTaken one that its owner has already."""
        await self.connection.run(ADD, **values(code))

    async def change(self, code: PromoCode) -> None:
        """Write its limits; refuse with UsedMoreOften fewer uses than there are."""
        written = {name: getattr(code, name) for name in CHANGING}
        await self.connection.run(CHANGE, promo_code_id=code.id, **written)

    async def organizer(self, event_id: UUID) -> UUID | None:
        return await self.connection.first(ORGANIZER, event_id=event_id)

    async def ticket_types(self, event_id: UUID) -> list[UUID]:
        return await self.connection.all(TYPES, event_id=event_id)

    async def sellers(self, service_id: UUID) -> list[UUID] | None:
        """Return who owns or performs a service; None if there is no such service."""
        if not await self.connection.first(HAS_SERVICE, service_id=service_id):
            return None
        return await self.connection.all(SELLERS, service_id=service_id)

    async def matching(
        self, wanted: PromoCodeFilter, request: PageRequest[PromoCodeSort]
    ) -> Page[PromoCode]:
        return await MATCHING.page(self.connection, wanted, request)
