"""Text messages that are kept instead of being sent."""

from collections.abc import Mapping

from app.core.clock import Clock
from app.domain.gateways import InvalidSignature
from app.domain.messengers import KeptMessage, Messenger, Receipt, TextReport
from app.integrations.keeping.cutting import cut
from app.integrations.keeping.folder import FileKeeping
from app.integrations.sms.protocol import MOST, Sms


class KeptSms:
    def __init__(self, keeping: FileKeeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock

    async def send(self, message: Sms) -> Receipt:
        text = cut(message.text, MOST)
        kept = KeptMessage(Messenger.SMS, message.to, text, self._clock())
        return await self._keeping.keep(kept, key=message.key)

    def read(self, headers: Mapping[str, str], body: bytes) -> TextReport:  # noqa: ARG002
        """Believe nobody: there is no vendor that could report."""
        raise InvalidSignature

    async def check(self) -> None:
        """Nobody is asked for anything."""

    async def close(self) -> None:
        """Nothing is open."""
