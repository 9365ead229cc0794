"""Every statement about letters that let their reader choose a new password."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, and_, bindparam, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.messages import Message
from app.core.statements import Command, Query
from app.domain.password_resets import Holder, PasswordReset
from app.domain.users import UserStatus
from app.models import PasswordResets, Users
from app.repositories.base import parameters, values
from app.repositories.jobs import enqueue_if, job

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
SINCE: Final = bindparam("since", type_=DateTime(timezone=True))
ID: Final = bindparam("reset_id", type_=Uuid)
USER: Final = bindparam("user_id", type_=Uuid)
IS_LIVE: Final = and_(PasswordResets.used_at.is_(None), PasswordResets.expires_at > NOW)

ADDED: Final = (
    insert(PasswordResets)
    .values(parameters(PasswordResets, PasswordReset))
    .returning(PasswordResets.id)
    .cte("added")
)
ADD: Final = Command(enqueue_if(ADDED))
WAS_ADDED: Final = Query(
    select(exists().where(PasswordResets.user_id == USER, PasswordResets.created_at > SINCE)), bool
)
HOLDER: Final = Query(
    select(Users.id.label("user_id"), Users.email, Users.locale)
    .select_from(PasswordResets)
    .join(Users, Users.id == PasswordResets.user_id)
    .where(PasswordResets.id == ID, IS_LIVE, Users.status == UserStatus.ACTIVE),
    Holder,
)
USE: Final = Command(
    update(PasswordResets).where(PasswordResets.id == ID, IS_LIVE).values(used_at=NOW)
)
END_ALL: Final = Command(
    update(PasswordResets).where(PasswordResets.user_id == USER, IS_LIVE).values(expires_at=NOW)
)
OLD: Final = (
    select(PasswordResets.id)
    .where(PasswordResets.expires_at < SINCE)
    .limit(bindparam("most", type_=Integer))
).cte("old")
FORGET: Final = Command(delete(PasswordResets).where(PasswordResets.id == OLD.c.id))


class PasswordResetRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, reset: PasswordReset, announcing: Message) -> None:
        await self.connection.run(ADD, **values(reset), **job(announcing))

    async def added_since(self, user_id: UUID, since: datetime) -> bool:
        """Tell whether the account was given one since then."""
        return await self.connection.first(WAS_ADDED, user_id=user_id, since=since) or False

    async def holder(self, reset_id: UUID, *, now: datetime) -> Holder | None:
        """Return whose it is; None when it is worth nothing, or its account may not come in."""
        return await self.connection.first(HOLDER, reset_id=reset_id, now=now)

    async def use(self, reset_id: UUID, *, now: datetime) -> bool:
        """Use it up; False when it is worth nothing any more."""
        return await self.connection.run(USE, reset_id=reset_id, now=now) == 1

    async def end_all(self, user_id: UUID, *, now: datetime) -> None:
        """Make all the account has worth nothing."""
        await self.connection.run(END_ALL, user_id=user_id, now=now)

    async def forget(self, *, since: datetime, most: int) -> int:
        """Delete up to `most` that were over before then; return how many."""
        return await self.connection.run(FORGET, since=since, most=most)
