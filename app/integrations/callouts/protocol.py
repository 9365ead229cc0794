"""What the application needs of calling others' addresses, in its own words."""

from dataclasses import dataclass
from typing import Protocol


class CalloutFailed(Exception):
    """It did not answer as it should; the words are for who gave the address, and quote nothing."""


@dataclass(frozen=True, slots=True)
class Fetched:
    content: bytes
    etag: str | None


class Callouts(Protocol):
    def checked(self, url: str) -> str:
        """Return the address in the form that is called; refuse with AddressRefused.

        What a name leads to is found out with each call, and not here.
        """
        ...

    async def fetch(
        self, url: str, *, accept: str, most: int, etag: str | None = None
    ) -> Fetched | None:
        """Return what is there, of `most` bytes unpacked; None if it is still what `etag` names.

        CalloutFailed where that can't be had, also when the name leads to where nobody may call.
        """
        ...
