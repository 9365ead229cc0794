"""The vocabulary of conversations: who talks with whom, about what, and who is let in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Forbidden, NotFound
from app.core.ids import new_id
from app.domain.chat_messages import ChatMessage
from app.domain.sides import Side


class Subject(StrEnum):
    """What it is about; `support` is about anything."""

    BOOKING = "booking"
    EVENT = "event"
    SERVICE = "service"
    SUPPORT = "support"


class ConversationScope(StrEnum):
    """Whose to list: one's own, or all that customers have with support."""

    MINE = "mine"
    SUPPORT = "support"


class ConversationSort(StrEnum):
    """By when somebody last wrote."""

    OLDEST = "updated_at"
    NEWEST = "-updated_at"


class ConversationNotFound(NotFound):
    """There is no such conversation."""


class NobodyToAsk(Conflict):
    """There is nobody to answer that now."""


class TalkingToOneself(Conflict):
    """That is yourself; there is nobody else to talk with."""


class Blocked(Forbidden):
    """They don't want to hear from you; you can read, and not write."""


class UnblockFirst(Conflict):
    """You have blocked them; let them write again before you do."""


class SupportNotBlockable(Conflict):
    """Support can't be blocked, and blocks nobody."""


class NotSupport(Conflict):
    """Only somebody who answers for support can be assigned, and not the customer themselves."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A customer and a partner: a provider, an organizer, or support, who may be nobody yet."""

    id: UUID
    subject: Subject
    customer_id: UUID
    partner_id: UUID | None
    partner_side: Side
    booking_id: UUID | None
    event_id: UUID | None
    service_id: UUID | None
    last_seq: int
    created_at: datetime
    updated_at: datetime

    @property
    def is_with_support(self) -> bool:
        return self.subject is Subject.SUPPORT

    def other(self, side: Side) -> UUID | None:
        """Return who is on the other side."""
        return self.partner_id if side is Side.CUSTOMER else self.customer_id


@dataclass(frozen=True, slots=True)
class Participant:
    """One side of it, and what it has read; `name` is None for support, which answers as one."""

    user_id: UUID | None
    side: Side
    name: str | None
    read_seq: int
    unread: int


@dataclass(frozen=True, slots=True)
class ConversationEntry:
    """A conversation as its `viewer` sees it."""

    conversation: Conversation
    title: str | None
    customer: Participant
    partner: Participant
    last_message: ChatMessage | None
    viewer: Side

    @property
    def unread(self) -> int:
        """Return how much of what the other side wrote the viewer has not read."""
        seen_by = self.customer if self.viewer is Side.CUSTOMER else self.partner
        return seen_by.unread


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which ones to list; None means any."""

    user_id: UUID | None = None
    apart_from_support: bool | None = None
    with_support: bool | None = None
    assigned: bool | None = None


@dataclass(frozen=True, slots=True)
class Partner:
    """Who is to be talked with, and as what."""

    user_id: UUID | None
    side: Side


SUPPORT: Final = Partner(None, Side.SUPPORT)


@dataclass(frozen=True, slots=True)
class Topic:
    """What somebody wants to talk about."""

    subject: Subject
    id: UUID | None = None
    provider_id: UUID | None = None
    """Of a service, whom to ask of those who perform it."""


def conversation(
    topic: Topic, partner: Partner, *, customer_id: UUID, now: datetime
) -> Conversation:
    """Return a new one; refused with TalkingToOneself."""
    if partner.user_id == customer_id:
        raise TalkingToOneself
    return Conversation(
        id=new_id(),
        subject=topic.subject,
        customer_id=customer_id,
        partner_id=partner.user_id,
        partner_side=partner.side,
        booking_id=topic.id if topic.subject is Subject.BOOKING else None,
        event_id=topic.id if topic.subject is Subject.EVENT else None,
        service_id=topic.id if topic.subject is Subject.SERVICE else None,
        last_seq=0,
        created_at=now,
        updated_at=now,
    )
