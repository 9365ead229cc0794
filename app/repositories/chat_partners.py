"""Whom somebody can talk with about what is public."""

from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, or_, select

from app.core.database import Connection
from app.core.statements import Query
from app.domain.events import EventStatus
from app.domain.offerings import OfferingStatus
from app.domain.providers import ProviderStatus
from app.domain.users import UserStatus
from app.models import Events, Offerings, ProviderOfferings, Providers, Users

PROVIDER_ID: Final = bindparam("provider_id", type_=Uuid)

# A row where the thing is public; in it nobody, where nobody answers for it any more.
ORGANIZER: Final = Query(
    select(Users.id)
    .select_from(Events)
    .outerjoin(Users, and_(Users.id == Events.organizer_id, Users.status == UserStatus.ACTIVE))
    .where(Events.id == bindparam("event_id", type_=Uuid), Events.status != EventStatus.DRAFT),
    lambda user_id: (user_id,),
)
# Whoever owns the service where they perform it themselves, or who has been there longest.
PERFORMER: Final = Query(
    select(Providers.user_id)
    .select_from(Offerings)
    .outerjoin(ProviderOfferings, ProviderOfferings.offering_id == Offerings.id)
    .outerjoin(
        Providers,
        and_(
            Providers.id == ProviderOfferings.provider_id,
            Providers.status == ProviderStatus.ACTIVE,
            or_(PROVIDER_ID.is_(None), Providers.id == PROVIDER_ID),
        ),
    )
    .where(
        Offerings.id == bindparam("offering_id", type_=Uuid),
        Offerings.status == OfferingStatus.ACTIVE,
    )
    .order_by(Providers.id.is_(None), Providers.user_id != Offerings.owner_id, Providers.id)
    .limit(1),
    lambda user_id: (user_id,),
)
ACCOUNT: Final = Query(
    select(Providers.user_id).where(Providers.id == PROVIDER_ID), lambda id_: id_
)


class ChatPartnerRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def organizer(self, event_id: UUID) -> tuple[UUID | None] | None:
        """Return who is to be asked about an event; None where no such event is public."""
        return await self.connection.first(ORGANIZER, event_id=event_id)

    async def performer(
        self, offering_id: UUID, provider_id: UUID | None
    ) -> tuple[UUID | None] | None:
        """As `organizer`, about a service; of several the one named, if they perform it."""
        return await self.connection.first(
            PERFORMER, offering_id=offering_id, provider_id=provider_id
        )

    async def account(self, provider_id: UUID) -> UUID | None:
        """Return whose account a provider is."""
        return await self.connection.first(ACCOUNT, provider_id=provider_id)
