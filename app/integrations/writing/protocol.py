"""What the application needs of letter writing, in its own words."""

from dataclasses import dataclass
from typing import Protocol

from app.core.i18n import Locale


@dataclass(frozen=True, slots=True)
class Written:
    """A composed letter without an addressee: subject, plain text, and HTML with inline styles."""

    subject: str
    text: str
    html: str


class Writer(Protocol):
    def write(self, kind: str, locale: Locale, **facts: object) -> Written:
        """Compose the letter of a kind (a template's name) in the reader's language."""
        ...
