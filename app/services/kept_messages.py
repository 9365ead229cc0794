"""Looking into the messages that were kept on this machine instead of being sent."""

from app.domain.messengers import KeptMessage
from app.integrations.keeping.protocol import KeptMessages


class KeptMessageService:
    def __init__(self, kept: KeptMessages) -> None:
        self.kept = kept

    async def messages(self, *, to: str | None = None) -> list[KeptMessage]:
        """Return them, newest first; with `to`, those to one number, token or chat."""
        return await self.kept.messages(to=to)
