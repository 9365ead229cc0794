"""What the application needs of writing, in its own words."""

from typing import Protocol

from app.core.i18n import Locale
from app.domain.notifications import Channel, Kind
from app.domain.writing import Written


class Writer(Protocol):
    def write(self, kind: str, locale: Locale, **facts: object) -> Written:
        """Compose the letter of a kind (a template's name) in the reader's language."""
        ...

    def compose(self, kind: Kind, channel: Channel, locale: Locale, **words: object) -> Written:
        """Compose what is told by a channel in the reader's language."""
        ...
