"""Conversations as the API shows them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.chat_messages import LONGEST_TEXT
from app.domain.conversations import (
    ConversationEntry,
    ConversationFilter,
    ConversationScope,
    ConversationSort,
    Participant,
    Subject,
    Topic,
)
from app.domain.sides import Side
from app.schemas.base import Flag, Id, ListQuery, Request, Talk
from app.schemas.bookings import SOME_ID, AnId, ATime
from app.schemas.chat_messages import ChatMessageRead, chat_message_read

Words = Annotated[Talk, Field(min_length=1, max_length=LONGEST_TEXT, examples=["Hello!"])]
ABOUT: Final = ("booking_id", "event_id", "service_id")


class ConversationOpen(Request):
    """What to talk about: a booking, an event, a service, or `support` for anything else."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"service_id": SOME_ID, "message": "Do you cut curls?"}]}
    )

    booking_id: Id | None = None
    event_id: Id | None = None
    service_id: Id | None = None
    support: Annotated[Flag, Field(validate_default=True)] = False
    provider_id: Id | None = None
    """Of a service that several perform, whom to ask."""
    message: Words | None = None
    """What to say at once."""

    @field_validator("support")
    @classmethod
    def _one_thing(cls, support: bool, info: ValidationInfo) -> bool:
        named = [name for name in ABOUT if info.data.get(name) is not None]
        is_readable = all(name in info.data for name in ABOUT)
        if is_readable and len(named) + support != 1:
            raise ValueError("Name a booking, an event or a service, or support, and one alone.")
        return support

    @field_validator("provider_id")
    @classmethod
    def _of_a_service(cls, provider_id: UUID | None, info: ValidationInfo) -> UUID | None:
        if provider_id is not None and info.data.get("service_id", provider_id) is None:
            raise ValueError("Only a service is performed by providers.")
        return provider_id

    def topic(self) -> Topic:
        if self.booking_id is not None:
            return Topic(Subject.BOOKING, self.booking_id)
        if self.event_id is not None:
            return Topic(Subject.EVENT, self.event_id)
        if self.service_id is not None:
            return Topic(Subject.SERVICE, self.service_id, self.provider_id)
        return Topic(Subject.SUPPORT)


class ParticipantRead(TypedDict):
    user_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    """Null of support as long as nobody has taken it on."""
    role: Side
    name: Annotated[str | None, Field(examples=["Vera Barber"])]
    """Null of support, which answers as one, and of those who left."""
    read_seq: Annotated[int, Field(examples=[3])]
    """How far they have read: the `seq` of the last message they saw."""


class AboutRead(TypedDict):
    kind: Subject
    booking_id: Annotated[UUID | None, Field(examples=[None])]
    event_id: Annotated[UUID | None, Field(examples=[None])]
    service_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    title: Annotated[str | None, Field(examples=["Haircut"])]


class ConversationRead(TypedDict):
    id: AnId
    participants: list[ParticipantRead]
    about: AboutRead
    unread: Annotated[int, Field(examples=[2])]
    """How many messages of the other side one has not read."""
    last_message: ChatMessageRead | None
    created_at: ATime
    updated_at: Annotated[datetime, Field(examples=["2030-03-04T09:00:00Z"])]
    """When somebody last wrote."""


def conversation_read(entry: ConversationEntry) -> ConversationRead:
    kept, last = entry.conversation, entry.last_message
    return {
        "id": kept.id,
        "participants": [_participant(entry.customer), _participant(entry.partner)],
        "about": {
            "kind": kept.subject,
            "booking_id": kept.booking_id,
            "event_id": kept.event_id,
            "service_id": kept.service_id,
            "title": entry.title,
        },
        "unread": entry.unread,
        "last_message": None if last is None else chat_message_read(last),
        "created_at": kept.created_at,
        "updated_at": kept.updated_at,
    }


def _participant(one: Participant) -> ParticipantRead:
    return {
        "user_id": one.user_id,
        "role": one.side,
        "name": one.name,
        "read_seq": one.read_seq,
    }


class ReadMark(Request):
    message_id: Id | None = None
    """The last message that was read; without it, all there are."""


class TypingSaid(Request):
    conversation_id: Id


class PresenceSaid(Request):
    online: Flag = True


class Assignment(Request):
    user_id: Id | None
    """Who answers for support; null: whoever does so next."""


class ConversationQuery(ListQuery):
    scope: ConversationScope = ConversationScope.MINE
    sort: ConversationSort = ConversationSort.NEWEST
    assigned: bool | None = None
    """Of support, those that somebody has taken on, or those that nobody has."""

    def wanted(self) -> ConversationFilter:
        return ConversationFilter(assigned=self.assigned)

    def page(self) -> PageRequest[ConversationSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
