"""What every list shares: a page to ask for, a page to answer with, and the place it ends."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.core.errors import Malformed

Item = TypeVar("Item")
Sort = TypeVar("Sort")
DIGEST: Final = 9


class InvalidCursor(Malformed):
    """The cursor does not belong to this list."""


@dataclass(frozen=True, slots=True)
class PageRequest(Generic[Sort]):
    sort: Sort
    limit: int = 20
    cursor: str | None = None
    include_total: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    items: Sequence[Item]
    next_cursor: str | None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Writes and reads the cursors of one list: its name, filters and sort are part of each.

    A cursor carries nothing but sort keys and is no permission: the next page is narrowed to
    what the caller may see, as the first one was. So it is checked, and needs no secret.
    """

    scope: str
    position: TypeAdapter[Any]

    def write(self, keys: tuple[Any, ...]) -> str:
        body = self.position.dump_json(keys)
        return _spelled(self._digest(body) + body)

    def read(self, cursor: str) -> tuple[Any, ...]:
        """Return the sort keys of the last row seen; refuse with InvalidCursor."""
        try:
            sealed = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            body = sealed[DIGEST:]
            if sealed[:DIGEST] != self._digest(body) or cursor != _spelled(sealed):
                raise InvalidCursor
            keys: tuple[Any, ...] = self.position.validate_json(body)
        except (ValueError, ValidationError) as error:
            raise InvalidCursor from error
        return keys

    def _digest(self, body: bytes) -> bytes:
        return blake2b(self.scope.encode() + b"\0" + body, digest_size=DIGEST).digest()


def _spelled(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).rstrip(b"=").decode()
