"""Every statement about what is written; to change anything the conversation must be locked."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    insert,
    null,
    select,
    text,
    update,
)

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Query
from app.domain.chat_messages import ChatMessage, ChatMessageFilter, ChatMessageSort
from app.models import ChatMessages, ConversationMembers, Conversations
from app.repositories.base import Listing, columns, parameters, values

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
ID: Final = bindparam("conversation_id", type_=Uuid)
MESSAGE_ID: Final = bindparam("message_id", type_=Uuid)
ROW: Final = columns(ChatMessages, ChatMessage)
GIVEN: Final = {
    name: column for name, column in parameters(ChatMessages, ChatMessage).items() if name != "seq"
}
SIDE: Final = GIVEN["side"]
BY_OTHERS: Final = ConversationMembers.side != SIDE
NOTHING: Final = text("'{}'")

BY_ID: Final = Query(select(*ROW).where(ChatMessages.id == MESSAGE_ID), ChatMessage)
OF_CONVERSATION: Final = Query(
    select(*ROW).where(ChatMessages.id == MESSAGE_ID, ChatMessages.conversation_id == ID),
    ChatMessage,
)
SENT: Final = Query(
    select(*ROW).where(
        ChatMessages.conversation_id == ID,
        ChatMessages.sender_id == bindparam("sender_id", type_=Uuid),
        ChatMessages.client_id == bindparam("client_id", type_=String),
    ),
    ChatMessage,
)

# The row of the conversation is locked from before this until the end: places are given in the
# order of the commits, and whoever sees one sees all before it.
COUNTED: Final = (
    update(Conversations)
    .where(Conversations.id == ID)
    .values(last_seq=Conversations.last_seq + 1, updated_at=GIVEN["created_at"])
    .returning(Conversations.last_seq)
    .cte("counted")
)
ADDED: Final = (
    insert(ChatMessages)
    .from_select([*GIVEN, "seq"], select(*GIVEN.values(), COUNTED.c.last_seq))
    .returning(*ROW)
    .cte("added")
)
TOLD: Final = (
    update(ConversationMembers)
    .where(ConversationMembers.conversation_id == ID)
    .values(
        active_at=GIVEN["created_at"],
        unread=ConversationMembers.unread + case((BY_OTHERS, 1), else_=0),
        digest_at=case(
            (
                and_(BY_OTHERS, ConversationMembers.user_id.is_not(None)),
                func.coalesce(ConversationMembers.digest_at, bindparam("digest_at", type_=INSTANT)),
            ),
            else_=ConversationMembers.digest_at,
        ),
    )
    .returning(ConversationMembers.conversation_id)
    .cte("told")
)
ADD: Final = Query(select(*ADDED.c).add_cte(TOLD), ChatMessage)
EDIT: Final = Query(
    update(ChatMessages)
    .where(ChatMessages.id == MESSAGE_ID)
    .values(text=bindparam("text", type_=String), edited_at=NOW)
    .returning(*ROW),
    ChatMessage,
)

GONE: Final = (
    update(ChatMessages)
    .where(ChatMessages.id == MESSAGE_ID, ChatMessages.deleted_at.is_(None))
    .values(text=null(), attachments=NOTHING, deleted_at=NOW)
    .returning(*ROW)
    .cte("gone")
)
UNCOUNTED: Final = (
    update(ConversationMembers)
    .where(
        ConversationMembers.conversation_id == GONE.c.conversation_id,
        ConversationMembers.side != GONE.c.side,
        ConversationMembers.read_seq < GONE.c.seq,
    )
    .values(
        unread=ConversationMembers.unread - 1,
        digest_at=case((ConversationMembers.unread > 1, ConversationMembers.digest_at)),
    )
    .returning(ConversationMembers.conversation_id)
    .cte("uncounted")
)
DELETE: Final = Query(select(*GONE.c).add_cte(UNCOUNTED), ChatMessage)

MATCHING: Final = Listing(
    ChatMessages,
    ChatMessage,
    unique=ChatMessages.__table__.c.seq,  # within a conversation
    filters={
        "conversation_id": ChatMessages.conversation_id == ID,
        "after": ChatMessages.seq > bindparam("after", type_=ChatMessages.__table__.c.seq.type),
        "before": ChatMessages.seq < bindparam("before", type_=ChatMessages.__table__.c.seq.type),
    },
    sorts={"seq": ChatMessages.seq},
)


class ChatMessageRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def find(self, message_id: UUID) -> ChatMessage | None:
        """Return it, whatever conversation it is of."""
        return await self.connection.first(BY_ID, message_id=message_id)

    async def get(self, conversation_id: UUID, message_id: UUID) -> ChatMessage | None:
        return await self.connection.first(
            OF_CONVERSATION, conversation_id=conversation_id, message_id=message_id
        )

    async def sent(
        self, conversation_id: UUID, sender_id: UUID, client_id: str
    ) -> ChatMessage | None:
        """Return what they have sent under that id of their own."""
        return await self.connection.first(
            SENT, conversation_id=conversation_id, sender_id=sender_id, client_id=client_id
        )

    async def add(self, message: ChatMessage, *, digest_at: datetime) -> ChatMessage:
        """Give it the next place, and count it for the other side; its own `seq` is ignored.

        `digest_at` is when to write to them of it, if nothing else is unread already.
        """
        given = {name: value for name, value in values(message).items() if name != "seq"}
        added = await self.connection.first(ADD, **given, digest_at=digest_at)
        assert added is not None
        return added

    async def edit(self, message: ChatMessage, text: str, *, now: datetime) -> ChatMessage:
        edited = await self.connection.first(EDIT, message_id=message.id, text=text, now=now)
        assert edited is not None
        return edited

    async def delete(self, message: ChatMessage, *, now: datetime) -> ChatMessage:
        """Take its words away and leave its place; for the other side it counts no more."""
        gone = await self.connection.first(DELETE, message_id=message.id, now=now)
        return message if gone is None else gone

    async def matching(
        self, wanted: ChatMessageFilter, request: PageRequest[ChatMessageSort]
    ) -> Page[ChatMessage]:
        return await MATCHING.page(self.connection, wanted, request)
