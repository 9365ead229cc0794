"""Conversations: finding them, reading them, and who answers for support."""

from uuid import UUID

from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.chat_messages import ChatMessageNotFound
from app.domain.conversations import (
    Conversation,
    ConversationEntry,
    ConversationFilter,
    ConversationScope,
    ConversationSort,
)
from app.domain.sides import Side
from app.policies import conversations as policy
from app.repositories.chat_messages import ChatMessageRepository
from app.repositories.conversations import ConversationRepository


class ConversationService:
    def __init__(
        self, conversations: ConversationRepository, messages: ChatMessageRepository
    ) -> None:
        self.conversations = conversations
        self.messages = messages

    async def get(self, actor: Actor, conversation_id: UUID) -> ConversationEntry:
        found = await self.conversations.get(conversation_id)
        conversation, side = policy.ensure_side(actor, found)
        return await self.entry(conversation, side)

    async def list(
        self,
        actor: Actor,
        scope: ConversationScope,
        wanted: ConversationFilter,
        request: PageRequest[ConversationSort],
    ) -> Page[ConversationEntry]:
        narrowed = policy.narrow(actor, scope, wanted)
        return await self.conversations.matching(narrowed, request)

    async def visible(self, actor: Actor, conversation_id: UUID) -> tuple[Conversation, Side]:
        """Return it and what the actor is in it; refuse with ConversationNotFound."""
        return policy.ensure_side(actor, await self.conversations.get(conversation_id))

    async def lock(self, actor: Actor, conversation_id: UUID) -> tuple[Conversation, Side]:
        """As `visible`, and nobody else changes anything in it until the transaction ends."""
        return policy.ensure_side(actor, await self.conversations.lock(conversation_id))

    async def entry(self, conversation: Conversation, side: Side) -> ConversationEntry:
        """Return a conversation that is there as one side of it sees it."""
        entry = await self.conversations.entry(conversation.id, viewer=side)
        assert entry is not None
        return entry

    async def mark_read(
        self, actor: Actor, conversation_id: UUID, *, up_to: UUID | None = None
    ) -> ConversationEntry:
        """Note that the actor has read up to a message, or all of it; what was read stays so."""
        conversation, side = await self.lock(actor, conversation_id)
        seq = conversation.last_seq
        if up_to is not None:
            message = await self.messages.get(conversation_id, up_to)
            if message is None:
                raise ChatMessageNotFound
            seq = message.seq
        await self.conversations.read(conversation_id, side, up_to=seq)
        return await self.entry(conversation, side)
