"""What one person is told of what they wrote to others. What others wrote is theirs."""

from typing import Final

from app.models import (
    ChatBlocks,
    ChatMessages,
    ChatReports,
    ConversationMembers,
    Conversations,
)
from app.repositories.export_sections import USER, Section

SECTIONS: Final[dict[str, Section]] = {
    "conversations": Section(
        Conversations.id,
        Conversations.subject,
        Conversations.booking_id,
        Conversations.event_id,
        Conversations.service_id,
        ConversationMembers.side.label("role"),
        Conversations.created_at,
        own=(ConversationMembers.user_id == USER)
        & (Conversations.id == ConversationMembers.conversation_id),
        by=[ConversationMembers.active_at, ConversationMembers.conversation_id],
    ),
    "chat_messages": Section(
        ChatMessages.id,
        ChatMessages.conversation_id,
        ChatMessages.text,
        ChatMessages.attachments,
        ChatMessages.created_at,
        ChatMessages.edited_at,
        ChatMessages.deleted_at,
        own=ChatMessages.sender_id == USER,
        by=[ChatMessages.id],
    ),
    "chat_blocks": Section(
        ChatBlocks.blocked_id,
        ChatBlocks.created_at,
        own=ChatBlocks.user_id == USER,
        by=[ChatBlocks.blocked_id],
    ),
    "chat_reports": Section(
        ChatReports.id,
        ChatReports.message_id,
        ChatReports.reason,
        ChatReports.status,
        ChatReports.created_at,
        own=ChatReports.reporter_id == USER,
        by=[ChatReports.created_at, ChatReports.id],
    ),
}
