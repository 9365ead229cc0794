"""What the application needs of text messages, in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from app.domain.messengers import MessengerRefused, MessengerUnavailable, Receipt, TextReport

MOST: Final = 1600  # characters, as Twilio takes at once


class SmsUnavailable(MessengerUnavailable):
    """Text messages can't be sent right now; try again in a moment."""


class SmsRefused(MessengerRefused):
    """No text message will be taken for this number, or not this one."""


@dataclass(frozen=True, slots=True)
class Sms:
    """One text to a number in E.164; of more than MOST characters the end is left out.

    `key` is the same for the same message however often it is sent. `tried_at` is when it was
    first handed over without an answer: the vendor is then asked whether it has it.
    """

    to: str = field(repr=False)
    text: str = field(repr=False)
    key: str
    tried_at: datetime | None = None


class SmsSender(Protocol):
    async def send(self, message: Sms) -> Receipt:
        """Hand the text over.

        SmsUnavailable where that may be tried again, SmsRefused where that is useless.
        """
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> TextReport:
        """Return what is reported of a message.

        InvalidSignature where it is not theirs who send, UnreadableNotice where it says nothing.
        """
        ...

    async def check(self) -> None:
        """Refuse with SmsUnavailable or SmsRefused where the settings don't let us in."""
        ...

    async def close(self) -> None: ...
