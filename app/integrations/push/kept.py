"""Push messages that are kept instead of being sent."""

from app.core.clock import Clock
from app.domain.messengers import KeptMessage, Messenger, Receipt
from app.integrations.keeping.cutting import cut
from app.integrations.keeping.folder import FileKeeping
from app.integrations.push.protocol import MOST_TEXT, MOST_TITLE, Push


class KeptPushes:
    def __init__(self, keeping: FileKeeping, clock: Clock) -> None:
        self._keeping = keeping
        self._clock = clock

    async def send(self, message: Push) -> Receipt:
        kept = KeptMessage(
            Messenger.PUSH,
            message.token,
            cut(message.text, MOST_TEXT),
            self._clock(),
            title=cut(message.title, MOST_TITLE),
            data=message.data,
        )
        return await self._keeping.keep(kept, key=message.key)

    async def check(self) -> None:
        """Nobody is asked for anything."""

    async def close(self) -> None:
        """Nothing is open."""
