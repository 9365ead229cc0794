"""Every statement about who is to be told of what they have not read."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.chat_digests import Unread
from app.models import ChatDigests, ConversationMembers

INSTANT: Final = DateTime(timezone=True)
USER: Final = bindparam("user_id", type_=Uuid)
NOW: Final = bindparam("now", type_=INSTANT)
IS_DUE: Final = ConversationMembers.digest_at <= NOW
OF_USER: Final = ConversationMembers.user_id == USER

DUE: Final = Query(
    select(ConversationMembers.user_id)
    .where(IS_DUE, ConversationMembers.user_id.is_not(None))
    .order_by(ConversationMembers.digest_at)
    .limit(1),
    lambda user_id: user_id,
)
ADDED: Final = insert(ChatDigests).values(user_id=USER, sent_at=NOW)
CLAIM: Final = Query(
    ADDED.on_conflict_do_update(
        index_elements=[ChatDigests.user_id],
        set_={"sent_at": NOW},
        where=ChatDigests.sent_at <= bindparam("before", type_=INSTANT),
    ).returning(ChatDigests.user_id),
    lambda user_id: user_id,
)
LAST: Final = Query(
    select(ChatDigests.sent_at).where(ChatDigests.user_id == USER), lambda sent_at: sent_at
)
CLEAR: Final = Command(
    update(ConversationMembers)
    .where(OF_USER, ConversationMembers.digest_at.is_not(None))
    .values(digest_at=null())
)
POSTPONE: Final = Command(
    update(ConversationMembers)
    .where(OF_USER, IS_DUE)
    .values(digest_at=bindparam("until", type_=INSTANT))
)
FIRST: Final = cast(func.min(cast(ConversationMembers.conversation_id, Text)), Uuid)
UNREAD: Final = Query(
    select(
        cast(func.coalesce(func.sum(ConversationMembers.unread), 0), BigInteger).label("messages"),
        cast(func.count(), Integer).label("conversations"),
        FIRST.label("conversation_id"),
    ).where(
        OF_USER,
        ConversationMembers.active_at >= bindparam("since", type_=INSTANT),
        ConversationMembers.unread > 0,
    ),
    Unread,
)


class ChatDigestRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def due(self, *, now: datetime) -> UUID | None:
        """Return who has waited longest to be told."""
        return await self.connection.first(DUE, now=now)

    async def claim(self, user_id: UUID, *, now: datetime, before: datetime) -> bool:
        """Note that they are told now; False where they were told since `before`.

        Of several at once one is let through.
        """
        claimed = await self.connection.first(CLAIM, user_id=user_id, now=now, before=before)
        return claimed is not None

    async def last(self, user_id: UUID) -> datetime | None:
        """Return when they were told last."""
        return await self.connection.first(LAST, user_id=user_id)

    async def clear(self, user_id: UUID) -> None:
        """Let nothing of what is unread by now be told once more."""
        await self.connection.run(CLEAR, user_id=user_id)

    async def postpone(self, user_id: UUID, *, now: datetime, until: datetime) -> None:
        await self.connection.run(POSTPONE, user_id=user_id, now=now, until=until)

    async def unread(self, user_id: UUID, *, since: datetime) -> Unread:
        """Return what they have not read, where somebody wrote since."""
        found = await self.connection.first(UNREAD, user_id=user_id, since=since)
        assert found is not None
        return found
