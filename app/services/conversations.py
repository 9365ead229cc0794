"""Conversations: finding them, reading them, and who answers for support."""

from dataclasses import replace
from uuid import UUID

from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.conversations import (
    Conversation,
    ConversationEntry,
    ConversationFilter,
    ConversationScope,
    ConversationSort,
    NotSupport,
)
from app.domain.sides import Side
from app.policies import conversations as policy
from app.repositories.conversations import ConversationRepository
from app.repositories.users import UserRepository
from app.services.audit import AuditService


class ConversationService:
    def __init__(
        self,
        conversations: ConversationRepository,
        users: UserRepository,
        audit: AuditService,
    ) -> None:
        self.conversations = conversations
        self.users = users
        self.audit = audit

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

    async def assign(
        self, actor: Actor, conversation_id: UUID, user_id: UUID | None
    ) -> ConversationEntry:
        """Say who answers for support, or nobody in particular; refuse with NotSupport."""
        policy.ensure_can_support(actor)
        conversation, side = await self.lock(actor, conversation_id)
        if not conversation.is_with_support:
            raise NotSupport
        if user_id is not None:
            policy.ensure_answers(await self.users.get(user_id), conversation)
        await self.conversations.assign(conversation_id, user_id)
        await self.audit.note(
            actor,
            "conversation.assigned",
            ("conversation", conversation_id),
            before=conversation,
            after=replace(conversation, partner_id=user_id),
        )
        return await self.entry(conversation, side)
