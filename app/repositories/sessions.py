"""Every statement about who is signed in."""

from collections.abc import Iterable
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
    delete,
    func,
    insert,
    null,
    select,
    update,
)

from app.core.database import Connection
from app.core.statements import Command, Query
from app.core.tokens import Claims
from app.domain.actors import Actor, Role
from app.domain.sessions import Session
from app.domain.users import User, UserStatus
from app.models import Providers, RefreshTokens, Sessions, Users
from app.repositories.base import parameters, values

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
HASH: Final = bindparam("hash", type_=LargeBinary)

IS_LIVE: Final = and_(
    Sessions.id == bindparam("session_id"),
    Sessions.user_id == bindparam("user_id"),
    Sessions.revoked_at.is_(None),
    Sessions.expires_at > bindparam("now"),
    Users.status == UserStatus.ACTIVE,
)
SIGNED_IN: Final = (
    select(Sessions.user_id, Users.roles, Providers.id.label("provider_id"))
    .join(Users, Users.id == Sessions.user_id)
    .outerjoin(Providers, Providers.user_id == Users.id)
    .where(IS_LIVE)
)


def actor(user_id: UUID, roles: Iterable[str], provider_id: UUID | None) -> Actor:
    return Actor(user_id, frozenset(map(Role, roles)), provider_id)


LIVE: Final = Query(SIGNED_IN, actor)

# Whoever was let in by a password is, if it is still theirs when the session begins.
OWNER: Final = (
    update(Users)
    .where(
        Users.id == bindparam("user_id", type_=Uuid),
        Users.status == UserStatus.ACTIVE,
        Users.password_hash.is_not_distinct_from(bindparam("password_hash")),
    )
    .values(last_login_at=bindparam("created_at"))
    .returning(Users.id)
    .cte("owner")
)
SESSION: Final = parameters(Sessions, Session)
STARTED: Final = (
    insert(Sessions)
    .from_select(list(SESSION), select(*SESSION.values()).select_from(OWNER))
    .returning(Sessions.id, Sessions.created_at)
    .cte("started")
)
TOKEN: Final = ["hash", "session_id", "created_at", "used_at"]
START: Final = Command(
    insert(RefreshTokens).from_select(
        TOKEN, select(HASH, STARTED.c.id, STARTED.c.created_at, null())
    )
)

# Of two who show the same token at once, the second waits for the first and then finds it used.
CAN_GO_ON: Final = and_(
    Sessions.revoked_at.is_(None),
    Sessions.expires_at > NOW,
    Users.id == Sessions.user_id,
    Users.status == UserStatus.ACTIVE,
)
USED: Final = (
    update(RefreshTokens)
    .where(
        RefreshTokens.hash == HASH,
        RefreshTokens.used_at.is_(None),
        Sessions.id == RefreshTokens.session_id,
        CAN_GO_ON,
    )
    .values(used_at=NOW)
    .returning(RefreshTokens.session_id)
    .cte("used")
)
CONTINUED: Final = (
    update(Sessions)
    .where(Sessions.id == USED.c.session_id, CAN_GO_ON)
    .values(last_used_at=NOW)
    .returning(Sessions.id, Sessions.user_id, Sessions.expires_at)
    .cte("continued")
)
RENEWED: Final = (
    insert(RefreshTokens)
    .from_select(
        TOKEN, select(bindparam("new_hash", type_=LargeBinary), CONTINUED.c.id, NOW, null())
    )
    .cte("renewed")
)
ROTATE: Final = Query(
    select(CONTINUED.c.user_id, CONTINUED.c.id, CONTINUED.c.expires_at).add_cte(RENEWED),
    lambda user_id, session_id, expires_at: (Claims(user_id, session_id), expires_at),
)

END_REUSED: Final = Command(
    update(Sessions)
    .where(
        Sessions.id == RefreshTokens.session_id,
        RefreshTokens.hash == HASH,
        RefreshTokens.used_at.is_not(None),
    )
    .values(revoked_at=func.coalesce(Sessions.revoked_at, NOW))
)
END: Final = Command(
    update(Sessions)
    .where(Sessions.id == bindparam("session_id"), Sessions.revoked_at.is_(None))
    .values(revoked_at=NOW)
)
END_ALL: Final = Command(
    update(Sessions)
    .where(Sessions.user_id == bindparam("user_id"), Sessions.revoked_at.is_(None))
    .values(revoked_at=NOW)
)
OLD: Final = (
    select(Sessions.id).where(Sessions.expires_at < NOW).limit(bindparam("most", type_=Integer))
).cte("old")
FORGET: Final = Command(delete(Sessions).where(Sessions.id == OLD.c.id))


class SessionRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def live(self, session_id: UUID, *, user_id: UUID, now: datetime) -> Actor | None:
        """Return who is signed in with this session, unless it ended or was revoked."""
        return await self.connection.first(LIVE, session_id=session_id, user_id=user_id, now=now)

    async def start(self, session: Session, *, user: User, token_hash: bytes) -> bool:
        """Begin a session for an account as it was seen; False when that was changed since."""
        started = await self.connection.run(
            START,
            **values(session),
            password_hash=user.password_hash,
            hash=token_hash,
        )
        return started == 1

    async def rotate(
        self, token_hash: bytes, new_hash: bytes, *, now: datetime
    ) -> tuple[Claims, datetime] | None:
        """Exchange an unused refresh token of a live session; return whose it is, until when."""
        return await self.connection.first(ROTATE, hash=token_hash, new_hash=new_hash, now=now)

    async def end_reused(self, token_hash: bytes, *, now: datetime) -> bool:
        """End the session of a refresh token that was used before; False when it was not."""
        return await self.connection.run(END_REUSED, hash=token_hash, now=now) == 1

    async def end(self, session_id: UUID, *, now: datetime) -> None:
        await self.connection.run(END, session_id=session_id, now=now)

    async def end_all(self, user_id: UUID, *, now: datetime) -> None:
        await self.connection.run(END_ALL, user_id=user_id, now=now)

    async def forget(self, *, now: datetime, most: int) -> int:
        """Delete up to `most` sessions that are over, with their tokens; return how many."""
        return await self.connection.run(FORGET, now=now, most=most)
