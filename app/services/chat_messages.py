"""Writing in a conversation, and reading what was written."""

from datetime import timedelta
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.chat_messages import (
    ChatMessage,
    ChatMessageFilter,
    ChatMessageNotFound,
    ChatMessageSort,
    Draft,
    ensure_deletable,
    ensure_editable,
)
from app.domain.conversations import Blocked, Conversation, NobodyToAsk, UnblockFirst
from app.domain.files import FileOwner
from app.domain.limits import Quota
from app.domain.sides import Side
from app.repositories.chat_blocks import ChatBlockRepository
from app.repositories.chat_messages import ChatMessageRepository
from app.repositories.conversations import ConversationRepository
from app.services.chat_frames import ChatFrameService
from app.services.conversations import ConversationService
from app.services.files import FileService
from app.services.limits import LimitService


class ChatMessageService:
    def __init__(
        self,
        messages: ChatMessageRepository,
        rows: ConversationRepository,
        blocks: ChatBlockRepository,
        conversations: ConversationService,
        frames: ChatFrameService,
        files: FileService,
        limits: LimitService,
        clock: Clock,
        *,
        digest_after: timedelta,
    ) -> None:
        self.messages = messages
        self.rows = rows
        self.blocks = blocks
        self.conversations = conversations
        self.frames = frames
        self.files = files
        self.limits = limits
        self.clock = clock
        self.digest_after = digest_after

    async def send(
        self, actor: Actor, conversation_id: UUID, draft: Draft
    ) -> tuple[ChatMessage, bool]:
        """Write it down; return it, and whether it is new: sent again, it is what it was.

        Refused with Blocked, UnblockFirst, NobodyToAsk where the other is gone, and FileNotFound
        for files that are not the actor's, or hang on something.
        """
        await self.limits.spend(Quota.MESSAGES, actor.user_id)
        conversation, side = await self.conversations.lock(actor, conversation_id)
        return await self.add(actor, conversation, side, draft)

    async def add(
        self, actor: Actor, conversation: Conversation, side: Side, draft: Draft
    ) -> tuple[ChatMessage, bool]:
        """As `send`, in a conversation that is locked."""
        if draft.client_id is not None:
            known = await self.messages.sent(conversation.id, actor.user_id, draft.client_id)
            if known is not None:
                return known, False
        await self._ensure_may_write(actor, conversation, side)
        if side is Side.SUPPORT and conversation.partner_id is None:
            await self.rows.assign(conversation.id, actor.user_id)
        now = self.clock()
        message = ChatMessage(
            id=new_id(),
            conversation_id=conversation.id,
            seq=conversation.last_seq + 1,
            sender_id=actor.user_id,
            side=side,
            client_id=draft.client_id,
            text=draft.text,
            attachments=list(draft.attachments),
            created_at=now,
            edited_at=None,
            deleted_at=None,
        )
        added = await self.messages.add(message, digest_at=now + self.digest_after)
        await self.files.attach(actor, draft.attachments, FileOwner.MESSAGE, added.id)
        await self.frames.written(conversation, added)
        return added, True

    async def edit(
        self, actor: Actor, conversation_id: UUID, message_id: UUID, text: str
    ) -> ChatMessage:
        """Change one's own words; refused with NotYourMessage, MessageDeleted, TooLateToEdit."""
        await self.limits.spend(Quota.MESSAGES, actor.user_id)
        conversation, side = await self.conversations.lock(actor, conversation_id)
        message, now = await self._message(conversation_id, message_id), self.clock()
        ensure_editable(message, by=actor.user_id, now=now)
        await self._ensure_may_write(actor, conversation, side)
        if message.text == text:
            return message
        edited = await self.messages.edit(message, text, now=now)
        await self.frames.written(conversation, edited)
        return edited

    async def delete(self, actor: Actor, conversation_id: UUID, message_id: UUID) -> None:
        """Take one's own words back, for everybody; refused with NotYourMessage."""
        conversation, _ = await self.conversations.lock(actor, conversation_id)
        message = await self._message(conversation_id, message_id)
        ensure_deletable(message, by=actor.user_id)
        await self._take_away(conversation, message)

    async def remove(self, conversation_id: UUID, message_id: UUID) -> None:
        """Take away what nobody should have written, if it is there still."""
        conversation = await self.rows.lock(conversation_id)
        message = await self.messages.get(conversation_id, message_id)
        if conversation is not None and message is not None and message.deleted_at is None:
            await self._take_away(conversation, message)

    async def list(
        self,
        actor: Actor,
        wanted: ChatMessageFilter,
        request: PageRequest[ChatMessageSort],
    ) -> Page[ChatMessage]:
        """Return what was written in a conversation; refuse with ConversationNotFound."""
        assert wanted.conversation_id is not None
        await self.conversations.visible(actor, wanted.conversation_id)
        return await self.messages.matching(wanted, request)

    async def _take_away(self, conversation: Conversation, message: ChatMessage) -> None:
        gone = await self.messages.delete(message, now=self.clock())
        await self.files.drop_of(FileOwner.MESSAGE, message.id)
        await self.frames.written(conversation, gone)

    async def _message(self, conversation_id: UUID, message_id: UUID) -> ChatMessage:
        message = await self.messages.get(conversation_id, message_id)
        if message is None:
            raise ChatMessageNotFound
        return message

    async def _ensure_may_write(self, actor: Actor, conversation: Conversation, side: Side) -> None:
        other = conversation.other(side)
        if other is None:
            return
        terms = await self.blocks.between(actor.user_id, other)
        if terms.is_gone and not (conversation.is_with_support and side is Side.CUSTOMER):
            raise NobodyToAsk
        if conversation.is_with_support:
            return
        if terms.is_blocked:
            raise Blocked
        if terms.has_blocked:
            raise UnblockFirst
