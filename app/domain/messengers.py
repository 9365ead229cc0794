"""The vocabulary of reaching people elsewhere than here: by SMS, by push and by Telegram."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import Unavailable
from app.core.messages import Message


class Messenger(StrEnum):
    SMS = "sms"
    PUSH = "push"
    TELEGRAM = "telegram"


class MessengerUnavailable(Unavailable):
    """The messenger is not answering; try again in a moment.

    `is_undone` where nothing can have gone out; otherwise it may have, or may still.
    `retry_after` are the seconds that it asks to wait, where it says so.
    """

    def __init__(self, *, is_undone: bool = False, retry_after: int | None = None) -> None:
        super().__init__()
        self.is_undone = is_undone
        self.retry_after = retry_after


class MessengerRefused(Exception):
    """The messenger said no for good; `code` is its word for why, and nothing went out.

    `is_dead` where nothing will ever reach that number, token or chat again.
    """

    def __init__(self, code: str, *, is_dead: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.is_dead = is_dead


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message was taken; `reference` is what the messenger calls it when it reports of it."""

    reference: str


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message that went no further than this machine, and when it was sent.

    `to` is a number, a token or a chat; a push alone has a title and data.
    """

    messenger: Messenger
    to: str = field(repr=False)
    text: str = field(repr=False)
    created_at: datetime
    title: str | None = field(default=None, repr=False)
    data: Mapping[str, str] = field(default_factory=dict, repr=False)


class TextState(StrEnum):
    """How far a text message got: a later word of FAILED or DELIVERED is the last."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TextReport:
    """What is reported of a message that was taken: `state` is None where it is under way still.

    `is_dead` where nothing will ever reach that number.
    """

    reference: str
    state: TextState | None
    code: str | None
    is_dead: bool


@dataclass(frozen=True, slots=True)
class TextStatusReported(Message):
    """The vendor told how far a text message got; each state is announced once, in any order.

    What it told is to be had of `text_reports`, for a month.
    """

    report_id: UUID
