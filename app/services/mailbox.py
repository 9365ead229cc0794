"""Looking into the letters that were kept on this machine instead of being sent."""

from app.domain.mail import KeptLetter
from app.integrations.mail.protocol import Mailbox


class MailboxService:
    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def letters(self, *, to: str | None = None) -> list[KeptLetter]:
        """Return them, newest first; with `to`, those to one address."""
        return await self.mailbox.letters(to=to)
