"""Letters by SMTP (RFC 5321), a connection for each."""

from dataclasses import dataclass
from email.headerregistry import ContentTypeHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from ssl import SSLContext
from typing import Final, Literal

import aiosmtplib

from app.core.clock import Clock
from app.integrations.mail.protocol import Letter, LetterRefused, MailUnavailable

SECONDS: Final = 20.0
PERMANENT: Final = range(500, 600)
FULL: Final = 552  # a mailbox that is, may have room again (RFC 5321, 4.2.3)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed over; `tls`: from the first byte, by STARTTLS, or never.

    `trusted` are the authorities whose certificates are believed: the system's by default.
    """

    host: str
    port: int
    username: str
    password: str
    tls: Literal["starttls", "tls", "none"]
    seconds: float = SECONDS
    trusted: SSLContext | None = None


class SmtpMailer:
    """`sender` is the address of all letters, with or without a name: `Ada <ada@example.com>`."""

    def __init__(self, server: SmtpServer, *, sender: str, clock: Clock) -> None:
        self._server = server
        self._sender = sender
        self._domain = parseaddr(sender)[1].rpartition("@")[2]
        self._clock = clock

    async def send(self, letter: Letter) -> None:
        server = self._server
        try:
            await aiosmtplib.send(
                self._message(letter),
                hostname=server.host,
                port=server.port,
                username=server.username or None,
                password=server.password or None,
                use_tls=server.tls == "tls",
                start_tls=server.tls == "starttls",
                tls_context=server.trusted,
                timeout=server.seconds,
            )
        except aiosmtplib.SMTPException as error:
            raise _explained(error) from error
        except OSError as error:
            raise MailUnavailable from error

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(self._clock())
        message["Message-ID"] = f"<{sha256(letter.key.encode()).hexdigest()[:32]}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"  # so that nobody's holiday answers (RFC 3834)
        if letter.unsubscribe is not None:
            message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        for attachment in letter.attachments:
            of = _content_type(attachment.content_type)
            message.add_attachment(
                attachment.content,
                maintype=of.maintype,
                subtype=of.subtype,
                params=dict(of.params),
                filename=attachment.name,
            )
        return message


def _content_type(text: str) -> ContentTypeHeader:
    """Return a media type taken apart, with its parameters."""
    message = EmailMessage()
    message["Content-Type"] = text
    header: ContentTypeHeader = message["Content-Type"]
    return header


def _explained(error: aiosmtplib.SMTPException) -> Exception:
    """Tell a letter that is refused for good from a server that can't take it now.

    A login or a sender that is refused is ours to mend, and the letter goes out once it is.
    """
    is_of_recipient = isinstance(error, aiosmtplib.SMTPRecipientsRefused)
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        status = max(refused.code for refused in error.recipients)
    else:
        status = error.code if isinstance(error, aiosmtplib.SMTPDataError) else 0
    if status not in PERMANENT:
        return MailUnavailable()
    return LetterRefused(status, is_dead=is_of_recipient and status != FULL)
