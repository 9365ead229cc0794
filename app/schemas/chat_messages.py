"""What is written in conversations, as the API shows it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.chat_messages import (
    LONGEST_TEXT,
    MOST_ATTACHMENTS,
    ChatMessage,
    ChatMessageFilter,
    ChatMessageSort,
    Draft,
)
from app.domain.sides import Side
from app.schemas.base import Id, Line, ListQuery, Number, Request, Talk
from app.schemas.bookings import SOME_ID, AnId, ATime

Said = Annotated[Talk, Field(min_length=1, max_length=LONGEST_TEXT, examples=["See you at ten."])]
Attachments = Annotated[list[Id], Field(max_length=MOST_ATTACHMENTS, examples=[[SOME_ID]])]
FARTHEST = 2**62


class ChatMessageSend(Request):
    """A message is sent once under each `client_id`, however often the request is repeated."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "See you at ten.", "client_id": "c-1"}]}
    )

    text: Said | None = None
    client_id: Annotated[Line, Field(min_length=1, max_length=100, examples=["c-1"])] | None = None
    """Made up by the client, for a message of its own."""
    attachments: Annotated[Attachments, Field(validate_default=True)] = []
    """Files that were sent to `/files` and are attached to nothing yet."""

    @field_validator("attachments")
    @classmethod
    def _something_is_sent(cls, attachments: list[UUID], info: ValidationInfo) -> list[UUID]:
        if len(set(attachments)) != len(attachments):
            raise ValueError("Name each file once.")
        if not attachments and info.data.get("text", "") is None:
            raise ValueError("Give words, files, or both.")
        return attachments

    def draft(self) -> Draft:
        return Draft(self.text, self.client_id, self.attachments)


class ChatMessageEdit(Request):
    text: Said


class ChatMessageRead(TypedDict):
    id: AnId
    conversation_id: AnId
    seq: Annotated[int, Field(examples=[3])]
    """Its place in the conversation, from 1 and without a gap: the same for everybody."""
    sender_id: AnId
    sender_role: Side
    text: Annotated[str | None, Field(examples=["See you at ten."])]
    """Null of a message that was deleted."""
    client_id: Annotated[str | None, Field(examples=["c-1"])]
    attachments: Annotated[list[UUID], Field(examples=[[SOME_ID]])]
    created_at: ATime
    edited_at: Annotated[datetime | None, Field(examples=[None])]
    deleted_at: Annotated[datetime | None, Field(examples=[None])]


def chat_message_read(message: ChatMessage) -> ChatMessageRead:
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


class ChatMessageQuery(ListQuery):
    sort: ChatMessageSort = ChatMessageSort.NEWEST
    after: Annotated[Number, Field(ge=0, le=FARTHEST, examples=[3])] | None = None
    """Only what came after this `seq`: what a client has missed, with `sort=seq`."""
    before: Annotated[Number, Field(ge=0, le=FARTHEST, examples=[30])] | None = None
    """Only what came before this `seq`."""

    def wanted(self, conversation_id: UUID) -> ChatMessageFilter:
        return ChatMessageFilter(conversation_id, self.after, self.before)

    def page(self) -> PageRequest[ChatMessageSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
