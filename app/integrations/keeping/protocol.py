"""What the application needs of messages that were kept, in its own words."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from app.domain.messengers import KeptMessage


class KeptMessages(Protocol):
    async def messages(self, *, to: str | None = None) -> list[KeptMessage]:
        """Return the messages that were kept, newest first; with `to`, those to one recipient."""
        ...

    async def forget(self, *, to: str, before: datetime | None = None) -> None:
        """Throw away those to a recipient; with `before`, those that were kept before then."""
        ...

    async def forget_naming(self, is_named: Callable[[str], bool]) -> None:
        """Throw away those in whose words somebody is named, whomever they went to."""
        ...
