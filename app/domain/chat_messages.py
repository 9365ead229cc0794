"""The vocabulary of what is written in a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Forbidden, NotFound
from app.domain.sides import Side

EDITABLE_FOR: Final = timedelta(minutes=15)
LONGEST_TEXT: Final = 4000
MOST_ATTACHMENTS: Final = 10


class ChatMessageSort(StrEnum):
    """By their place in the conversation, which is the same for everybody."""

    OLDEST = "seq"
    NEWEST = "-seq"


class ChatMessageNotFound(NotFound):
    """There is no such message in this conversation."""


class NotYourMessage(Forbidden):
    """Only who wrote it can change it."""


class TooLateToEdit(Conflict):
    """It was written too long ago to be changed; it can be deleted."""


class MessageDeleted(Conflict):
    """It was deleted."""


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """`seq` is its place in the conversation. Of a deleted one the text is None."""

    id: UUID
    conversation_id: UUID
    seq: int
    sender_id: UUID
    side: Side
    client_id: str | None
    text: str | None
    attachments: list[UUID]
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChatMessageFilter:
    """Which ones to list; None means any. Both ends are themselves left out."""

    conversation_id: UUID | None = None
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be written: words, files, or both."""

    text: str | None
    client_id: str | None = None
    attachments: Sequence[UUID] = ()


def opening(text: str) -> Draft:
    """Return what is said on opening: said again with the same words, it is one message."""
    return Draft(text, client_id=f"opening-{sha256(text.encode()).hexdigest()[:32]}")


def ensure_editable(message: ChatMessage, *, by: UUID, now: datetime) -> None:
    """Refuse who did not write it, and what is gone or too old."""
    ensure_deletable(message, by=by)
    if message.created_at + EDITABLE_FOR < now:
        raise TooLateToEdit


def ensure_deletable(message: ChatMessage, *, by: UUID) -> None:
    if message.sender_id != by:
        raise NotYourMessage
    if message.deleted_at is not None:
        raise MessageDeleted
