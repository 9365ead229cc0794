"""Every statement about moving an account to another e-mail address."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.messages import Message
from app.core.statements import Command, Query
from app.domain.email_changes import ChangeLetter, EmailChange, Side
from app.domain.users import UserStatus
from app.models import EmailChanges, Users
from app.repositories.base import columns, parameters, values
from app.repositories.jobs import enqueue_if, job

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
SINCE: Final = bindparam("since", type_=DateTime(timezone=True))
ID: Final = bindparam("change_id", type_=Uuid)
USER: Final = bindparam("user_id", type_=Uuid)
COLUMNS: Final = columns(EmailChanges, EmailChange)
IS_LIVE: Final = and_(EmailChanges.ended_at.is_(None), EmailChanges.expires_at > NOW)

ADDED: Final = (
    insert(EmailChanges)
    .values(parameters(EmailChanges, EmailChange))
    .returning(EmailChanges.id)
    .cte("added")
)
ADD: Final = Command(enqueue_if(ADDED))
ADDED_SINCE: Final = Query(
    select(func.count()).where(EmailChanges.user_id == USER, EmailChanges.created_at > SINCE), int
)
LIVE: Final = Query(select(*COLUMNS).where(EmailChanges.id == ID, IS_LIVE), EmailChange)


def _confirming(field: Any) -> Query[EmailChange]:
    """Return the statement that notes one side; a second time it changes nothing."""
    return Query(
        update(EmailChanges)
        .where(EmailChanges.id == ID, IS_LIVE)
        .values({field: func.coalesce(field, NOW)})
        .returning(*COLUMNS),
        EmailChange,
    )


CONFIRM: Final = {
    Side.OLD: _confirming(EmailChanges.old_confirmed_at),
    Side.NEW: _confirming(EmailChanges.new_confirmed_at),
}
REOPEN: Final = Command(
    update(EmailChanges).where(EmailChanges.id == ID).values(new_confirmed_at=null())
)
END: Final = Command(
    update(EmailChanges)
    .where(EmailChanges.user_id == USER, EmailChanges.ended_at.is_(None))
    .values(ended_at=NOW)
)

LETTER: Final = (
    select(EmailChanges.old_email, EmailChanges.email, Users.locale)
    .select_from(EmailChanges)
    .join(Users, Users.id == EmailChanges.user_id)
    .where(EmailChanges.id == ID, Users.status == UserStatus.ACTIVE)
)
ASKED: Final = Query(LETTER.where(IS_LIVE), ChangeLetter)
MADE: Final = Query(LETTER.where(EmailChanges.ended_at.is_not(None)), ChangeLetter)
OLD: Final = (
    select(EmailChanges.id)
    .where(EmailChanges.created_at < SINCE)
    .limit(bindparam("most", type_=Integer))
).cte("old")
FORGET: Final = Command(delete(EmailChanges).where(EmailChanges.id == OLD.c.id))


class EmailChangeRepository:
    """Of one account at most one change is under way; the index would refuse a second."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, change: EmailChange, announcing: Message) -> None:
        """Begin a change; the account must be locked, and what it had begun be ended."""
        await self.connection.run(ADD, **values(change), **job(announcing))

    async def added_since(self, user_id: UUID, since: datetime) -> int:
        """Return how many the account began since then."""
        return await self.connection.first(ADDED_SINCE, user_id=user_id, since=since) or 0

    async def live(self, change_id: UUID, *, now: datetime) -> EmailChange | None:
        """Return a change that is under way."""
        return await self.connection.first(LIVE, change_id=change_id, now=now)

    async def confirm(self, change_id: UUID, side: Side, *, now: datetime) -> EmailChange | None:
        """Note that a side confirmed, and return what is so now; None when it is over."""
        return await self.connection.first(CONFIRM[side], change_id=change_id, now=now)

    async def reopen(self, change_id: UUID) -> None:
        """Let the new address be waited for again."""
        await self.connection.run(REOPEN, change_id=change_id)

    async def end(self, user_id: UUID, *, now: datetime) -> bool:
        """End what the account has under way; False when that is nothing."""
        return await self.connection.run(END, user_id=user_id, now=now) > 0

    async def asked(self, change_id: UUID, *, now: datetime) -> ChangeLetter | None:
        """Return what to write about a change that is under way."""
        return await self.connection.first(ASKED, change_id=change_id, now=now)

    async def made(self, change_id: UUID) -> ChangeLetter | None:
        """Return what to write about a change that was made."""
        return await self.connection.first(MADE, change_id=change_id)

    async def forget(self, *, since: datetime, most: int) -> int:
        """Delete up to `most` that began before then; return how many."""
        return await self.connection.run(FORGET, since=since, most=most)
