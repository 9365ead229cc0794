"""What the application needs of push, in its own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from app.domain.messengers import MessengerRefused, MessengerUnavailable, Receipt

MOST_TITLE: Final = 150  # characters; all of it together has to fit into 4 KB
MOST_TEXT: Final = 700


class PushUnavailable(MessengerUnavailable):
    """Push messages can't be sent right now; try again in a moment."""


class PushRefused(MessengerRefused):
    """No push will be taken for this token, or not this one."""


@dataclass(frozen=True, slots=True)
class Push:
    """One notice to one device; of a title or text that is too long the end is left out.

    `key` is the same for the same message however often it is sent: a device shows what is sent
    again in the place of the first. `data` is for the app: what to open.
    """

    token: str = field(repr=False)
    title: str = field(repr=False)
    text: str = field(repr=False)
    key: str
    data: Mapping[str, str] = field(default_factory=dict, repr=False)


class PushSender(Protocol):
    async def send(self, message: Push) -> Receipt:
        """Hand the notice over.

        PushUnavailable where that may be tried again, PushRefused where that is useless.
        """
        ...

    async def check(self) -> None:
        """Refuse with PushUnavailable or PushRefused where the settings don't let us in."""
        ...

    async def close(self) -> None: ...
