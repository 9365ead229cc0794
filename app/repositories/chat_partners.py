"""Whom somebody can talk with about what is public."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, Uuid, and_, bindparam, exists, or_, select

from app.core.database import Connection
from app.core.statements import Query
from app.domain.events import EventStatus
from app.domain.offerings import OfferingStatus
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.domain.sides import Side
from app.domain.users import UserStatus
from app.models import (
    ChatBlocks,
    ConversationMembers,
    Events,
    Offerings,
    ProviderOfferings,
    Providers,
    Users,
)

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
# Of many who may answer, those whose role it is: whoever may by a single permission looks.
ANSWERING: Final = Query(
    select(Users.id).where(
        Users.roles.overlap(bindparam("roles", type_=Users.__table__.c.roles.type)),
        Users.status == UserStatus.ACTIVE,
    ),
    lambda id_: id_,
)
USER: Final = bindparam("user_id", type_=Uuid)
MINE: Final = (
    select(ConversationMembers.conversation_id, ConversationMembers.side)
    .where(ConversationMembers.user_id == USER, ConversationMembers.side != Side.SUPPORT)
    .order_by(ConversationMembers.active_at.desc(), ConversationMembers.conversation_id.desc())
    .limit(bindparam("most", type_=Integer))
    .cte("mine")
)
OTHER: Final = ConversationMembers.__table__.alias("other")
KNOWN: Final = Query(
    select(OTHER.c.user_id)
    .distinct()
    .join(
        MINE,
        and_(OTHER.c.conversation_id == MINE.c.conversation_id, OTHER.c.side != MINE.c.side),
    )
    .where(
        OTHER.c.user_id.is_not(None),
        OTHER.c.side != Side.SUPPORT,
        ~exists().where(
            or_(
                and_(ChatBlocks.user_id == USER, ChatBlocks.blocked_id == OTHER.c.user_id),
                and_(ChatBlocks.user_id == OTHER.c.user_id, ChatBlocks.blocked_id == USER),
            )
        ),
    ),
    lambda id_: id_,
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

    async def answering(self, roles: Sequence[Role]) -> list[UUID]:
        """Return who has one of these roles."""
        return await self.connection.all(ANSWERING, roles=list(roles))

    async def known(self, user_id: UUID, *, most: int) -> list[UUID]:
        """Return whom they talked with in so many conversations, the last ones.

        Neither support, nor where one has blocked the other.
        """
        return await self.connection.all(KNOWN, user_id=user_id, most=most)

    async def account(self, provider_id: UUID) -> UUID | None:
        """Return whose account a provider is."""
        return await self.connection.first(ACCOUNT, provider_id=provider_id)
