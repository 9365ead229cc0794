"""The vocabulary of chats with our bot in Telegram."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from app.core.errors import Conflict

LASTS: Final = timedelta(minutes=15)
COUNTED_FOR: Final = timedelta(days=7)
"""How long an update is remembered; Telegram sends one again for a day."""


@dataclass(frozen=True, slots=True)
class Linking:
    """Where somebody links their chat: a link that opens Telegram, once, until then."""

    url: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TelegramLink:
    """Since when a chat is somebody's; None where none is."""

    linked_at: datetime | None


@dataclass(frozen=True, slots=True)
class TelegramUpdate:
    """What was said to the bot in a chat with one person: `/start code` is "start", "code".

    `is_blocked` where that person will hear nothing of the bot any more.
    """

    id: int
    chat_id: int = field(repr=False)
    command: str
    argument: str = field(repr=False)
    language: str
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class TelegramReply:
    """What the bot says to what it was told."""

    chat_id: int = field(repr=False)
    text: str


class TelegramNotOffered(Conflict):
    """There is no bot in Telegram here."""
