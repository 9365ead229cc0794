"""What the application needs of mail, in its own words."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.core.errors import Unavailable
from app.domain.mail import KeptLetter


class MailUnavailable(Unavailable):
    """The mail server is not answering."""


class LetterRefused(Exception):
    """The mail server will not take this letter, however often it is tried.

    `is_dead`: there is nobody behind the address, so that it takes no other letter either.
    """

    def __init__(self, status: int, *, is_dead: bool = False) -> None:
        super().__init__(f"refused with {status}")
        self.status = status
        self.is_dead = is_dead


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person: always with a text part beside the HTML.

    `key` is the same for the same letter however often it is sent; the Message-ID is made from
    it, so that a mail program shows a repeated letter once. `unsubscribe` is where its reader can
    stop more of the kind (RFC 8058).
    """

    to: str
    subject: str
    text: str
    html: str
    key: str
    attachments: tuple[Attachment, ...] = field(default=())
    unsubscribe: str | None = None


class Mailer(Protocol):
    async def send(self, letter: Letter) -> None:
        """Hand the letter over.

        MailUnavailable where that may be tried again, LetterRefused where that is useless.
        """
        ...


class Mailbox(Mailer, Protocol):
    async def letters(self, *, to: str | None = None) -> list[KeptLetter]:
        """Return the letters that were kept, newest first; with `to`, those to one address."""
        ...

    async def forget(self, *, to: str, before: datetime | None = None) -> None:
        """Throw away the letters to an address; with `before`, those that were kept before then."""
        ...

    async def forget_naming(self, is_named: Callable[[str], bool]) -> None:
        """Throw away the letters in whose text somebody is named, whomever they went to."""
        ...
