"""What the application needs of a storage of files, in its own words."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from app.domain.files import StoredFile


class Storage(Protocol):
    """Files under keys that we make, such as `photos/0197a6c2-small.webp`.

    Each call ends within seconds, with StorageUnavailable where the storage does not answer.
    """

    async def put(self, files: Mapping[str, bytes]) -> None:
        """Keep these contents under these keys; each of them whole or not at all."""
        ...

    async def get(self, key: str) -> bytes | None:
        """Return the content, None where there is none."""
        ...

    async def delete(self, keys: list[str]) -> None:
        """Delete what is there under these keys."""
        ...

    def listed(self, folder: str) -> AsyncIterator[Sequence[StoredFile]]:
        """Yield what is there under keys that begin so, some of them at a time, in any order."""
        ...
