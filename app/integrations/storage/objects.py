"""A storage on top of obstore, which does the waiting in threads of its own."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cached_property
from typing import Final

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from app.domain.files import StoredFile
from app.domain.storage import StorageUnavailable

SECONDS: Final = 8.0
"""What a call may take with all its tries: whoever waits for it gets an answer within ten."""
LISTED_AT_ONCE: Final = 1000
log = structlog.get_logger("banister.storage")


class ObjectStorage(ABC):
    """What is common to folder and bucket; `_open` says which it is."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    async def put(self, files: Mapping[str, bytes]) -> None:
        async with self._bounded():
            for key, content in files.items():
                await obstore.put_async(self._store, key, content)

    async def get(self, key: str) -> bytes | None:
        async with self._bounded():
            try:
                found = await obstore.get_async(self._store, key)
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                return None

    async def delete(self, keys: list[str]) -> None:
        async with self._bounded():
            await asyncio.gather(*map(self._delete, keys))

    async def listed(self, folder: str) -> AsyncIterator[Sequence[StoredFile]]:
        stream = obstore.list(self._store, folder, chunk_size=LISTED_AT_ONCE)
        while True:
            async with self._bounded():
                batch = await anext(stream, None)
            if batch is None:
                return
            yield [StoredFile(one["path"], one["last_modified"]) for one in batch]

    async def _delete(self, key: str) -> None:
        with suppress(FileNotFoundError):  # a bucket does not mind, a folder does
            await obstore.delete_async(self._store, key)

    @abstractmethod
    def _open(self) -> ObjectStore:
        """Return the store; nothing is asked of it yet."""

    @cached_property
    def _store(self) -> ObjectStore:
        return self._open()  # with the first call, so that a program starts without it

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except (BaseError, OSError) as error:  # a TimeoutError is an OSError
            log.error("storage does not answer", kind=type(error).__name__)
            raise StorageUnavailable from error
