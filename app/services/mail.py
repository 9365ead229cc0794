"""Writing to somebody."""

import structlog

from app.core.database import Checkpoint
from app.core.i18n import Locale
from app.integrations.mail.protocol import Attachment, Letter, LetterRefused, Mailer
from app.integrations.writing.protocol import Writer

log = structlog.get_logger("banister.mail")


class MailService:
    def __init__(self, writer: Writer, mailer: Mailer, checkpoint: Checkpoint) -> None:
        self.writer = writer
        self.mailer = mailer
        self.checkpoint = checkpoint

    async def send(
        self,
        kind: str,
        *,
        to: str,
        locale: Locale,
        key: str,
        attachments: tuple[Attachment, ...] = (),
        **facts: object,
    ) -> None:
        """Write the letter of a kind and hand it over, with no transaction open meanwhile.

        `key` stands for this letter: one that is sent twice is shown once. What a mail server
        refuses for good is logged and let go; MailUnavailable may be tried again.
        """
        written = self.writer.write(kind, locale, **facts)
        await self.checkpoint()
        letter = Letter(
            to, written.subject, written.text, written.html, key=key, attachments=attachments
        )
        try:
            await self.mailer.send(letter)
        except LetterRefused as refusal:
            log.warning("letter refused", kind=kind, key=key, smtp=refusal.status)
