"""Every statement about chats in Telegram."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    Uuid,
    bindparam,
    delete,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.errors import Contention
from app.core.i18n import Locale
from app.core.statements import Command, Query
from app.domain.users import UserStatus
from app.models import TelegramLinks, TelegramUpdates, Users

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
USER: Final = bindparam("user_id", type_=Uuid)
CHAT: Final = bindparam("chat_id", type_=BigInteger)
CODE: Final = bindparam("code_hash", type_=LargeBinary)
EXPIRES: Final = bindparam("expires_at", type_=DateTime(timezone=True))
NOTHING: Final = {"chat_id": null(), "linked_at": null()}

BEGIN: Final = Command(
    insert(TelegramLinks)
    .values(user_id=USER, code_hash=CODE, code_expires_at=EXPIRES)
    .on_conflict_do_update(
        index_elements=[TelegramLinks.user_id],
        set_={"code_hash": CODE, "code_expires_at": EXPIRES},
    )
    .inline()
)
# Who comes second with a code waits for the first, and then finds none.
TAKE: Final = Query(
    update(TelegramLinks)
    .where(
        TelegramLinks.code_hash == CODE,
        TelegramLinks.code_expires_at > NOW,
        Users.id == TelegramLinks.user_id,
        Users.status == UserStatus.ACTIVE,
    )
    .values(code_hash=null(), code_expires_at=null())
    .returning(TelegramLinks.user_id, Users.locale),
    lambda user_id, locale: (user_id, locale),
)
UNLINK_CHAT: Final = Command(
    update(TelegramLinks).where(TelegramLinks.chat_id == CHAT).values(NOTHING)
)
LINK: Final = Command(
    update(TelegramLinks).where(TelegramLinks.user_id == USER).values(chat_id=CHAT, linked_at=NOW),
    violations={"uq_telegram_links_chat_id": Contention},  # linked elsewhere in this very moment
)
UNLINK: Final = Command(delete(TelegramLinks).where(TelegramLinks.user_id == USER))
LINKED_AT: Final = Query(
    select(TelegramLinks.linked_at).where(TelegramLinks.user_id == USER), lambda at: at
)
CHAT_OF: Final = Query(
    select(TelegramLinks.chat_id).where(TelegramLinks.user_id == USER), lambda chat_id: chat_id
)
LOCALE_OF: Final = Query(
    select(Users.locale)
    .join(TelegramLinks, TelegramLinks.user_id == Users.id)
    .where(TelegramLinks.chat_id == CHAT),
    Locale,
)
HEAR: Final = Command(
    insert(TelegramUpdates)
    .values(id=bindparam("update_id", type_=BigInteger), received_at=NOW)
    .on_conflict_do_nothing()
    .inline()
)
OLD: Final = (
    select(TelegramUpdates.id)
    .where(TelegramUpdates.received_at < bindparam("since", type_=DateTime(timezone=True)))
    .limit(bindparam("most", type_=Integer))
    .cte("old")
)
FORGET: Final = Command(delete(TelegramUpdates).where(TelegramUpdates.id == OLD.c.id))


class TelegramRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def begin(self, user_id: UUID, *, code_hash: bytes, expires_at: datetime) -> None:
        """Keep the code by which an account is to be linked, in place of the one before."""
        await self.connection.run(
            BEGIN, user_id=user_id, code_hash=code_hash, expires_at=expires_at
        )

    async def take(self, code_hash: bytes, *, now: datetime) -> tuple[UUID, Locale] | None:
        """Use a code up; return whose it was, and their language."""
        return await self.connection.first(TAKE, code_hash=code_hash, now=now)

    async def link(self, user_id: UUID, chat_id: int, *, now: datetime) -> None:
        """Make a chat somebody's, and nobody else's."""
        await self.unlink_chat(chat_id)
        await self.connection.run(LINK, user_id=user_id, chat_id=chat_id, now=now)

    async def unlink(self, user_id: UUID) -> None:
        await self.connection.run(UNLINK, user_id=user_id)

    async def unlink_chat(self, chat_id: int) -> None:
        await self.connection.run(UNLINK_CHAT, chat_id=chat_id)

    async def linked_at(self, user_id: UUID) -> datetime | None:
        return await self.connection.first(LINKED_AT, user_id=user_id)

    async def chat_of(self, user_id: UUID) -> int | None:
        return await self.connection.first(CHAT_OF, user_id=user_id)

    async def locale_of(self, chat_id: int) -> Locale | None:
        """Return the language of whose chat it is."""
        return await self.connection.first(LOCALE_OF, chat_id=chat_id)

    async def hear(self, update_id: int, *, now: datetime) -> bool:
        """Note an update; False if it was heard before."""
        return await self.connection.run(HEAR, update_id=update_id, now=now) == 1

    async def forget(self, *, since: datetime, most: int) -> int:
        """Delete up to `most` updates from before then; return how many."""
        return await self.connection.run(FORGET, since=since, most=most)
