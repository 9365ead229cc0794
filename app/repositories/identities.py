"""Every statement about accounts elsewhere, and sign-ins that were begun there."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    String,
    Uuid,
    bindparam,
    delete,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.identities import Identity, IdentityFilter, IdentitySort, OauthFlow
from app.domain.users import User
from app.models import Identities, OauthFlows, Users
from app.repositories.base import Listing, columns, parameters, values

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
PROVIDER: Final = bindparam("provider", type_=String)
USER: Final = bindparam("user_id", type_=Uuid)

BEGIN: Final = Command(insert(OauthFlows).values(parameters(OauthFlows, OauthFlow)))
# Of any number who bring one state back at once, the first gets the row.
TAKE: Final = Query(
    update(OauthFlows)
    .where(
        OauthFlows.id == bindparam("flow_id", type_=Uuid),
        OauthFlows.provider == PROVIDER,
        OauthFlows.used_at.is_(None),
        OauthFlows.expires_at > NOW,
    )
    .values(used_at=NOW)
    .returning(*columns(OauthFlows, OauthFlow)),
    OauthFlow,
)
USED: Final = (
    update(Identities)
    .where(
        Identities.provider == PROVIDER,
        Identities.subject == bindparam("subject", type_=String),
    )
    .values(last_used_at=NOW)
    .returning(Identities.user_id)
    .cte("used")
)
USE: Final = Query(select(*columns(Users, User)).where(Users.id == USED.c.user_id), User)
ADD: Final = Command(
    insert(Identities)
    .values(parameters(Identities, Identity))
    .on_conflict_do_nothing(index_elements=[Identities.provider, Identities.subject])
)
OF: Final = Query(
    select(*columns(Identities, Identity))
    .where(Identities.user_id == USER)
    .order_by(Identities.provider, Identities.subject),
    Identity,
)
REMOVE: Final = Command(
    delete(Identities).where(Identities.user_id == USER, Identities.provider == PROVIDER)
)
OVER: Final = (
    select(OauthFlows.id)
    .where(OauthFlows.expires_at < NOW)
    .limit(bindparam("most", type_=Integer))
    .cte("over")
)
FORGET: Final = Command(delete(OauthFlows).where(OauthFlows.id == OVER.c.id))

MATCHING: Final = Listing(
    Identities,
    Identity,
    filters={"user_id": Identities.user_id == USER},
    sorts={"created_at": Identities.created_at},
    # The primary key as one value. The name of a provider has no space in it.
    unique=Identities.provider + literal(" ", String) + Identities.subject,
)


class IdentityRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def begin(self, flow: OauthFlow) -> None:
        await self.connection.run(BEGIN, **values(flow))

    async def take(self, flow_id: UUID, *, provider: str, now: datetime) -> OauthFlow | None:
        """Use a flow up; None when it was used, is too old, or is another provider's."""
        return await self.connection.first(TAKE, flow_id=flow_id, provider=provider, now=now)

    async def use(self, provider: str, subject: str, *, now: datetime) -> User | None:
        """Return the account that an identity opens, and note that it was used."""
        return await self.connection.first(USE, provider=provider, subject=subject, now=now)

    async def add(self, identity: Identity) -> bool:
        """Let an identity open an account; False when it opens one already."""
        return await self.connection.run(ADD, **values(identity)) == 1

    async def of(self, user_id: UUID) -> list[Identity]:
        """Return every identity that opens an account."""
        return await self.connection.all(OF, user_id=user_id)

    async def remove(self, user_id: UUID, *, provider: str) -> None:
        """Let no identity of a provider open an account any more."""
        await self.connection.run(REMOVE, user_id=user_id, provider=provider)

    async def matching(
        self, wanted: IdentityFilter, request: PageRequest[IdentitySort]
    ) -> Page[Identity]:
        return await MATCHING.page(self.connection, wanted, request)

    async def forget(self, *, now: datetime, most: int) -> int:
        """Delete up to `most` flows whose time is over; return how many."""
        return await self.connection.run(FORGET, now=now, most=most)
