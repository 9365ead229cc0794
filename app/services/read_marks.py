"""How far somebody has read."""

from uuid import UUID

from app.domain.actors import Actor
from app.domain.chat_messages import ChatMessageNotFound
from app.domain.conversations import ConversationEntry
from app.repositories.chat_messages import ChatMessageRepository
from app.repositories.conversations import ConversationRepository
from app.services.chat_frames import ChatFrameService
from app.services.conversations import ConversationService


class ReadMarkService:
    def __init__(
        self,
        rows: ConversationRepository,
        messages: ChatMessageRepository,
        conversations: ConversationService,
        frames: ChatFrameService,
    ) -> None:
        self.rows = rows
        self.messages = messages
        self.conversations = conversations
        self.frames = frames

    async def move(
        self, actor: Actor, conversation_id: UUID, *, up_to: UUID | None = None
    ) -> ConversationEntry:
        """Note that the actor has read up to a message, or all of it; what was read stays so."""
        conversation, side = await self.conversations.lock(actor, conversation_id)
        seq = conversation.last_seq
        if up_to is not None:
            message = await self.messages.get(conversation_id, up_to)
            if message is None:
                raise ChatMessageNotFound
            seq = message.seq
        if await self.rows.read(conversation_id, side, up_to=seq):
            await self.frames.read(actor, conversation, side, seq)
        return await self.conversations.entry(conversation, side)
