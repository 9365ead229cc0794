"""Not wanting to hear from somebody."""

from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.conversations import SupportNotBlockable
from app.repositories.chat_blocks import ChatBlockRepository
from app.services.conversations import ConversationService


class ChatBlockService:
    def __init__(
        self, blocks: ChatBlockRepository, conversations: ConversationService, clock: Clock
    ) -> None:
        self.blocks = blocks
        self.conversations = conversations
        self.clock = clock

    async def block(self, actor: Actor, conversation_id: UUID) -> None:
        """Let the other write nothing more, here or elsewhere, once this is over.

        What they are writing at this moment stands before it. Refused with SupportNotBlockable.
        """
        other = await self._other(actor, conversation_id)
        await self.blocks.lock_pair(actor.user_id, other)
        await self.blocks.lock_all(actor.user_id, other)
        await self.blocks.block(actor.user_id, other, now=self.clock())

    async def unblock(self, actor: Actor, conversation_id: UUID) -> None:
        """Let the other write again, if they could not."""
        await self.blocks.unblock(actor.user_id, await self._other(actor, conversation_id))

    async def _other(self, actor: Actor, conversation_id: UUID) -> UUID:
        conversation, side = await self.conversations.visible(actor, conversation_id)
        other = conversation.other(side)
        if conversation.is_with_support or other is None:
            raise SupportNotBlockable
        return other
