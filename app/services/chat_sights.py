"""Who sees the files of a message: whoever sees the message."""

from uuid import UUID

from app.domain.actors import Actor
from app.policies import conversations as policy
from app.repositories.chat_messages import ChatMessageRepository
from app.repositories.conversations import ConversationRepository


class ChatSight:
    def __init__(
        self, conversations: ConversationRepository, messages: ChatMessageRepository
    ) -> None:
        self.conversations = conversations
        self.messages = messages

    async def may_see(self, actor: Actor, message_id: UUID) -> bool:
        message = await self.messages.find(message_id)
        if message is None or message.deleted_at is not None:
            return False
        conversation = await self.conversations.get(message.conversation_id)
        return conversation is not None and policy.side_of(actor, conversation) is not None
