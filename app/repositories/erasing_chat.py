"""What goes of what somebody wrote to others: all words. Places in conversations stay."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import (
    DateTime,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    null,
    or_,
    select,
    text,
    update,
)

from app.core.statements import Command
from app.models import ChatBlocks, ChatDigests, ChatMessages, ChatReports, ConversationMembers

USER: Final = bindparam("user_id", type_=Uuid)
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
GONE: Final = (
    update(ChatMessages)
    .where(ChatMessages.sender_id == USER)
    .values(
        text=null(),
        client_id=null(),
        attachments=text("'{}'"),
        deleted_at=func.coalesce(ChatMessages.deleted_at, NOW),
    )
    .returning(
        ChatMessages.conversation_id, ChatMessages.seq, ChatMessages.side, ChatMessages.deleted_at
    )
    .cte("gone")
)
# What others had not read of it is not there to be read.
READER: Final = ConversationMembers.__table__.alias("reader")
UNREAD: Final = (
    select(READER.c.conversation_id, READER.c.side, func.count().label("messages"))
    .join(
        GONE,
        and_(
            GONE.c.conversation_id == READER.c.conversation_id,
            GONE.c.side != READER.c.side,
            GONE.c.seq > READER.c.read_seq,
            GONE.c.deleted_at == NOW,
        ),
    )
    .group_by(READER.c.conversation_id, READER.c.side)
    .cte("unread")
)
ERASING: Final[Mapping[str, Command]] = {
    "chat_messages": Command(
        update(ConversationMembers)
        .where(
            ConversationMembers.conversation_id == UNREAD.c.conversation_id,
            ConversationMembers.side == UNREAD.c.side,
        )
        .values(unread=func.greatest(ConversationMembers.unread - UNREAD.c.messages, 0))
    ),
    # What they complained of, and what was complained of in what they wrote.
    "chat_reports": Command(
        update(ChatReports)
        .where(or_(ChatReports.sender_id == USER, ChatReports.reporter_id == USER))
        .values(
            text=case((ChatReports.sender_id == USER, null()), else_=ChatReports.text),
            reason=null(),
        )
    ),
    "chat_blocks": Command(
        delete(ChatBlocks).where(or_(ChatBlocks.user_id == USER, ChatBlocks.blocked_id == USER))
    ),
    "chat_digests": Command(delete(ChatDigests).where(ChatDigests.user_id == USER)),
}
