"""Messages of a bot that are kept instead of being sent."""

from collections.abc import Mapping
from typing import Final

from app.core.clock import Clock
from app.domain.gateways import InvalidSignature
from app.domain.messengers import KeptMessage, Messenger, Receipt
from app.domain.telegram import TelegramUpdate
from app.integrations.keeping.cutting import cut
from app.integrations.keeping.folder import FileKeeping
from app.integrations.telegram.protocol import MOST, TelegramMessage

NAME: Final = "banister_dev_bot"


class KeptTelegram:
    def __init__(self, keeping: FileKeeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock

    async def send(self, message: TelegramMessage) -> Receipt:
        text = cut(message.text, MOST)
        kept = KeptMessage(Messenger.TELEGRAM, str(message.chat_id), text, self._clock())
        return await self._keeping.keep(kept, key=message.key)

    async def name(self) -> str:
        return NAME

    def read(  # the protocol's
        self,
        headers: Mapping[str, str],  # noqa: ARG002
        body: bytes,  # noqa: ARG002
    ) -> TelegramUpdate | None:
        """Believe nobody: what somebody says here comes by way of a page of development."""
        raise InvalidSignature

    async def check(self) -> None:
        """Nobody is asked for anything."""

    async def close(self) -> None:
        """Nothing is open."""
