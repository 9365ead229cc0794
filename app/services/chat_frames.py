"""What those who talk are told at once: messages, how far the other has read, that they type."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.chat_messages import ChatMessage
from app.domain.conversations import Conversation
from app.domain.realtime import FrameType
from app.domain.sides import Side
from app.policies import conversations as policy
from app.repositories.chat_blocks import ChatBlockRepository
from app.repositories.chat_partners import ChatPartnerRepository
from app.repositories.users import UserRepository
from app.services.conversations import ConversationService
from app.services.realtime import RealtimeService

PRESENT_FOR: Final = timedelta(minutes=1)
MOST_PARTNERS: Final = 50
"""How many of those one talked with last are told whether one is there."""


class ChatFrameService:
    """Who may see a conversation as it stands now is told, and nobody else.

    Between two of whom one has blocked the other nothing is told.
    """

    def __init__(
        self,
        conversations: ConversationService,
        blocks: ChatBlockRepository,
        partners: ChatPartnerRepository,
        users: UserRepository,
        realtime: RealtimeService,
        clock: Clock,
    ) -> None:
        self.conversations = conversations
        self.blocks = blocks
        self.partners = partners
        self.users = users
        self.realtime = realtime
        self.clock = clock

    async def written(self, conversation: Conversation, message: ChatMessage) -> None:
        """Tell both sides of a message as it stands now: new, edited or deleted."""
        to = await self._audience(conversation, message.side, message.sender_id)
        await self.realtime.publish(FrameType.MESSAGE, frame_of(message), to=to)

    async def read(self, actor: Actor, conversation: Conversation, side: Side, seq: int) -> None:
        """Tell both sides how far one of them has read."""
        told = {
            "conversation_id": conversation.id,
            "user_id": actor.user_id,
            "role": side,
            "read_seq": seq,
        }
        to = await self._audience(conversation, side, actor.user_id)
        await self.realtime.publish(FrameType.READ, told, to=to)

    async def typing(self, actor: Actor, conversation_id: UUID) -> None:
        """Tell the other side that somebody is writing; refuse with ConversationNotFound."""
        conversation, side = await self.conversations.visible(actor, conversation_id)
        told = {"conversation_id": conversation.id, "user_id": actor.user_id, "role": side}
        to = await self._audience(conversation, side, actor.user_id)
        await self.realtime.publish(FrameType.TYPING, told, to=to - {actor.user_id})

    async def present(self, actor: Actor, *, is_online: bool) -> None:
        """Tell those they talked with last that somebody is there, or not any more.

        It is good for a minute, and said again by whoever stays: who is cut off is soon away,
        and of several connections each speaks for the person.
        """
        until = self.clock() + PRESENT_FOR if is_online else None
        told = {"user_id": actor.user_id, "online": is_online, "until": until}
        to = await self.partners.known(actor.user_id, most=MOST_PARTNERS)
        await self.realtime.publish(FrameType.PRESENCE, told, to=to)

    async def _audience(
        self, conversation: Conversation, side: Side, user_id: UUID
    ) -> frozenset[UUID]:
        """Return the one it is from and all who may see it on the other side."""
        if conversation.is_with_support:
            others = {conversation.customer_id, *await self._answering(conversation)}
            return frozenset(others | {user_id})
        other = conversation.other(side)
        assert other is not None
        terms = await self.blocks.between(user_id, other)
        return frozenset({user_id} if terms.is_apart else {user_id, other})

    async def _answering(self, conversation: Conversation) -> frozenset[UUID]:
        """Return who took a customer on, if they still may, or all who could."""
        if conversation.partner_id is None:
            return frozenset(await self.partners.answering(policy.ROLES_OF_SUPPORT))
        clerk = await self.users.get(conversation.partner_id)
        if clerk is None or not policy.answers(clerk):
            return frozenset()
        return frozenset({clerk.id})


def frame_of(message: ChatMessage) -> Mapping[str, object]:
    """Return what is told of a message: what reading it would tell."""
    return {
        "id": message.id,
        "conversation_id": message.conversation_id,
        "seq": message.seq,
        "sender_id": message.sender_id,
        "sender_role": message.side,
        "text": message.text,
        "client_id": message.client_id,
        "attachments": message.attachments,
        "created_at": message.created_at,
        "edited_at": message.edited_at,
        "deleted_at": message.deleted_at,
    }
