"""What the application needs of Telegram, in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from app.domain.messengers import MessengerRefused, MessengerUnavailable, Receipt
from app.domain.telegram import TelegramUpdate

MOST: Final = 4096  # characters of one message


class TelegramUnavailable(MessengerUnavailable):
    """Telegram is not answering; try again in a moment."""


class TelegramRefused(MessengerRefused):
    """Nothing will be taken for this chat, or not this message."""


@dataclass(frozen=True, slots=True)
class TelegramMessage:
    """One message to one chat, as plain text; of more than MOST characters the end is left out.

    `key` is the same for the same message however often it is sent. Telegram takes none, and
    can't be asked what it has: what may have gone out goes out again when it is sent again.
    """

    chat_id: int = field(repr=False)
    text: str = field(repr=False)
    key: str


class TelegramSender(Protocol):
    async def send(self, message: TelegramMessage) -> Receipt:
        """Hand the message over.

        TelegramUnavailable where that may be tried again, TelegramRefused where that is useless.
        """
        ...

    async def name(self) -> str:
        """Return what the bot is called in links; refused as `check` refuses."""
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> TelegramUpdate | None:
        """Return what one person told the bot; None for all that is of no use here.

        InvalidSignature where it doesn't come from Telegram.
        """
        ...

    async def check(self) -> None:
        """Refuse with TelegramUnavailable or TelegramRefused where the settings don't let us in."""
        ...

    async def close(self) -> None: ...
