"""Counts that all processes share, in PostgreSQL."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from limits.aio.storage import Storage

from app.core.clock import Clock


class Counts(Protocol):
    """The table, on a connection in autocommit."""

    async def add(self, key: bytes, amount: int, *, lasts: float) -> int: ...
    async def count(self, key: bytes) -> tuple[int, datetime] | None: ...
    async def remove(self, key: bytes) -> int: ...
    async def remove_all(self) -> int: ...


class PostgresStorage(Storage):
    """Each count is one statement that commits by itself.

    In the transaction of a request, a refusal would take back what it counted.
    """

    STORAGE_SCHEME = None

    def __init__(
        self, opened: Callable[[], AbstractAsyncContextManager[Counts]], clock: Clock
    ) -> None:
        super().__init__()
        self._opened = opened
        self._clock = clock

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        async with self._opened() as counts:
            return await counts.add(_digest(key), amount, lasts=expiry)

    async def get(self, key: str) -> int:
        async with self._opened() as counts:
            found = await counts.count(_digest(key))
        return 0 if found is None else found[0]

    async def get_expiry(self, key: str) -> float:
        async with self._opened() as counts:
            found = await counts.count(_digest(key))
        return (self._clock() if found is None else found[1]).timestamp()

    async def check(self) -> bool:
        await self.get("")
        return True

    async def reset(self) -> int | None:
        async with self._opened() as counts:
            return await counts.remove_all()

    async def clear(self, key: str) -> None:
        async with self._opened() as counts:
            await counts.remove(_digest(key))


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
