"""Every statement about keys of programs."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    LargeBinary,
    Uuid,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.api_keys import MOST_KEYS, ApiKey, ApiKeyFilter, ApiKeySort
from app.domain.permissions import Permission, readable
from app.domain.standing import Standing
from app.domain.users import UserStatus
from app.models import ApiKeys, Providers, Users
from app.repositories.base import Listing, parameters, values
from app.repositories.sessions import WHO

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
HASH: Final = bindparam("hash", type_=LargeBinary)
USER: Final = bindparam("user_id", type_=Uuid)

OPENS: Final = and_(
    ApiKeys.hash == HASH,
    or_(ApiKeys.expires_at.is_(None), ApiKeys.expires_at > NOW),
    Users.id == ApiKeys.user_id,
    Users.status == UserStatus.ACTIVE,
)
# The use is noted by one request at a time, and not by every one: nobody waits for another.
UNNOTED: Final = (
    select(ApiKeys.id)
    .where(
        OPENS,
        or_(
            ApiKeys.last_used_at.is_(None),
            ApiKeys.last_used_at < bindparam("noted_since", type_=DateTime(timezone=True)),
        ),
    )
    .with_for_update(of=ApiKeys, skip_locked=True)
    .cte("unnoted")
)
NOTED: Final = update(ApiKeys).where(ApiKeys.id == UNNOTED.c.id).values(last_used_at=NOW)
STANDING: Final = Query(
    select(
        *WHO,
        cast(null(), Uuid).label("session_id"),
        cast(null(), DateTime(timezone=True)).label("proved_at"),
        cast(null(), DateTime(timezone=True)).label("stepped_up_at"),
        ApiKeys.scopes,
    )
    .select_from(ApiKeys)
    .join(Users, Users.id == ApiKeys.user_id)
    .outerjoin(Providers, Providers.user_id == Users.id)
    .where(OPENS)
    .add_cte(NOTED.cte("noted")),
    lambda *row: (Standing(*row[:-1]), readable(row[-1])),
)

LOCK_OWNER: Final = Command(
    select(Users.id).where(Users.id == USER).with_for_update(key_share=True)
)
KEY: Final = {**parameters(ApiKeys, ApiKey), "hash": HASH}
LIVE: Final = (
    select(func.count())
    .select_from(ApiKeys)
    .where(
        ApiKeys.user_id == KEY["user_id"],
        or_(ApiKeys.expires_at.is_(None), ApiKeys.expires_at > KEY["created_at"]),
    )
    .scalar_subquery()
)
ADD: Final = Command(
    insert(ApiKeys).from_select(
        list(KEY), select(*KEY.values()).where(literal(MOST_KEYS, Integer) > LIVE)
    )
)
REMOVE: Final = Command(
    delete(ApiKeys).where(ApiKeys.id == bindparam("id", type_=Uuid), ApiKeys.user_id == USER)
)
# No index serves this: there are a few keys to an account, and it is asked once an hour.
OLD: Final = (
    select(ApiKeys.id)
    .where(ApiKeys.expires_at < bindparam("before", type_=DateTime(timezone=True)))
    .limit(bindparam("most", type_=Integer))
    .cte("old")
)
FORGET: Final = Command(delete(ApiKeys).where(ApiKeys.id == OLD.c.id))

MATCHING: Final = Listing(
    ApiKeys,
    ApiKey,
    filters={"user_id": ApiKeys.user_id == USER},
    sorts={"name": ApiKeys.name, "created_at": ApiKeys.created_at},
)


class ApiKeyRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def standing(
        self, hash_: bytes, *, now: datetime, noted_since: datetime
    ) -> tuple[Standing, frozenset[Permission]] | None:
        """Return whose key it is and its scopes; note that it was used, if not done since."""
        return await self.connection.first(STANDING, hash=hash_, now=now, noted_since=noted_since)

    async def lock_owner(self, user_id: UUID) -> None:
        """Let nobody else make a key for them until the transaction ends."""
        await self.connection.run(LOCK_OWNER, user_id=user_id)

    async def add(self, key: ApiKey, *, hash_: bytes) -> bool:
        """Insert it; False when its owner, locked before, has as many live ones as one may."""
        return await self.connection.run(ADD, **values(key), hash=hash_) == 1

    async def remove(self, key_id: UUID, *, user_id: UUID) -> bool:
        """Delete it; False when they have no such key."""
        return await self.connection.run(REMOVE, id=key_id, user_id=user_id) == 1

    async def forget(self, *, before: datetime, most: int) -> int:
        """Delete up to `most` keys that expired before that; return how many."""
        return await self.connection.run(FORGET, before=before, most=most)

    async def matching(
        self, wanted: ApiKeyFilter, request: PageRequest[ApiKeySort]
    ) -> Page[ApiKey]:
        return await MATCHING.page(self.connection, wanted, request)
