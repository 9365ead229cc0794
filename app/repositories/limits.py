"""Every statement about who asked how often, and from where an account is used."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    String,
    Uuid,
    bindparam,
    case,
    delete,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.clock import Clock
from app.core.database import Connection
from app.core.statements import Command, Query
from app.models import RateLimits, Sessions, Users

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
KEY: Final = bindparam("key", type_=RateLimits.key.type)
MOST_PLACES: Final = 1000

FIRST: Final = insert(RateLimits).values(
    key=KEY,
    count=bindparam("amount", type_=Integer),
    expires_at=bindparam("expires_at", type_=DateTime(timezone=True)),
)
IS_OVER: Final = RateLimits.expires_at <= NOW
ADD: Final = Query(
    FIRST.on_conflict_do_update(
        index_elements=[RateLimits.key],
        set_={
            "count": case(
                (IS_OVER, FIRST.excluded.count), else_=RateLimits.count + FIRST.excluded.count
            ),
            "expires_at": case((IS_OVER, FIRST.excluded.expires_at), else_=RateLimits.expires_at),
        },
    ).returning(RateLimits.count),
    int,
)
COUNT: Final = Query(
    select(RateLimits.count, RateLimits.expires_at).where(
        RateLimits.key == KEY, RateLimits.expires_at > NOW
    ),
    lambda count, expires_at: (count, expires_at),
)
REMOVE: Final = Command(delete(RateLimits).where(RateLimits.key == KEY))
REMOVE_ALL: Final = Command(delete(RateLimits))
OLD: Final = (
    select(RateLimits.key)
    .where(RateLimits.expires_at <= NOW)
    .limit(bindparam("most", type_=Integer))
).cte("old")
FORGET: Final = Command(delete(RateLimits).where(RateLimits.key == OLD.c.key))

KNOWN: Final = select(Sessions.ip).distinct().where(Sessions.ip.is_not(None)).limit(MOST_PLACES)
PLACES_OF: Final = Query(KNOWN.where(Sessions.user_id == bindparam("user_id", type_=Uuid)), str)
# Of an address nobody has, the same statement finds no row.
PLACES: Final = Query(
    KNOWN.join(Users, Users.id == Sessions.user_id).where(
        Users.email == bindparam("email", type_=String)
    ),
    str,
)


class LimitRepository:
    def __init__(self, connection: Connection, clock: Clock) -> None:
        self.connection = connection
        self.clock = clock

    async def add(self, key: bytes, amount: int, *, lasts: float) -> int:
        """Count, from nothing where the time is over; return how much it is now."""
        now = self.clock()
        ends_at = now + timedelta(seconds=lasts)
        added = await self.connection.first(
            ADD, key=key, amount=amount, expires_at=ends_at, now=now
        )
        assert added is not None
        return added

    async def count(self, key: bytes) -> tuple[int, datetime] | None:
        """Return how much was counted, and when that is over; None if nothing was."""
        return await self.connection.first(COUNT, key=key, now=self.clock())

    async def remove(self, key: bytes) -> int:
        return await self.connection.run(REMOVE, key=key)

    async def remove_all(self) -> int:
        return await self.connection.run(REMOVE_ALL)

    async def forget(self, *, most: int) -> int:
        """Delete up to `most` counts that are over; return how many."""
        return await self.connection.run(FORGET, now=self.clock(), most=most)

    async def places(self, email: str) -> list[str]:
        """Return the addresses from which sessions of an account began, as far as they are kept."""
        return await self.connection.all(PLACES, email=email)

    async def places_of(self, user_id: UUID) -> list[str]:
        """As `places`, of an account that is known."""
        return await self.connection.all(PLACES_OF, user_id=user_id)
