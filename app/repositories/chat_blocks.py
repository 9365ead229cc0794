"""Every statement about who doesn't want to hear from whom.

What is between two people is decided one at a time: whoever blocks or opens a conversation locks
the pair; whoever blocks then locks each conversation of the two, which whoever writes has locked.
"""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    DateTime,
    String,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.conversations import Subject
from app.models import ChatBlocks, Conversations, Users

PAIRS: Final = 0x70616972  # the class of advisory locks on what is between two people
ME: Final = bindparam("me", type_=Uuid)
OTHER: Final = bindparam("other", type_=Uuid)

LOCK_PAIR: Final = Command(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended(bindparam("pair", type_=String), literal(PAIRS))
        )
    )
)
LOCK_ALL: Final = Query(
    select(Conversations.id)
    .where(
        or_(
            and_(Conversations.customer_id == ME, Conversations.partner_id == OTHER),
            and_(Conversations.customer_id == OTHER, Conversations.partner_id == ME),
        ),
        Conversations.subject != Subject.SUPPORT,
    )
    .order_by(Conversations.id)
    .with_for_update(),
    lambda id_: id_,
)


class Terms(NamedTuple):
    """What stands between two people."""

    is_blocked: bool
    has_blocked: bool
    is_gone: bool

    @property
    def is_apart(self) -> bool:
        return self.is_blocked or self.has_blocked


BETWEEN: Final = Query(
    select(
        exists().where(ChatBlocks.user_id == OTHER, ChatBlocks.blocked_id == ME),
        exists().where(ChatBlocks.user_id == ME, ChatBlocks.blocked_id == OTHER),
        exists().where(Users.id == OTHER, Users.erased_at.is_not(None)),
    ),
    Terms,
)
BLOCK: Final = Command(
    insert(ChatBlocks)
    .values(
        user_id=ME, blocked_id=OTHER, created_at=bindparam("now", type_=DateTime(timezone=True))
    )
    .on_conflict_do_nothing()
)
UNBLOCK: Final = Command(
    delete(ChatBlocks).where(ChatBlocks.user_id == ME, ChatBlocks.blocked_id == OTHER)
)


class ChatBlockRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock_pair(self, one: UUID, other: UUID) -> None:
        """Let nobody else open a conversation between the two, or block one, meanwhile."""
        pair = " ".join(sorted((str(one), str(other))))
        await self.connection.run(LOCK_PAIR, pair=pair)

    async def lock_all(self, me: UUID, other: UUID) -> None:
        """Wait for what either is writing to the other, and let neither write meanwhile."""
        await self.connection.all(LOCK_ALL, me=me, other=other)

    async def between(self, me: UUID, other: UUID) -> Terms:
        found = await self.connection.first(BETWEEN, me=me, other=other)
        assert found is not None
        return found

    async def block(self, me: UUID, other: UUID, *, now: datetime) -> bool:
        """Return whether it is new."""
        return await self.connection.run(BLOCK, me=me, other=other, now=now) > 0

    async def unblock(self, me: UUID, other: UUID) -> bool:
        return await self.connection.run(UNBLOCK, me=me, other=other) > 0
