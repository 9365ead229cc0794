"""Counting that goes on while the store that processes share is gone."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from limits.aio.storage import Storage

Result = TypeVar("Result")
PATIENCE: Final = 1.0
"""Seconds a request waits for a count."""
RESTS: Final = 5.0
"""Seconds the store is left alone after it failed: or each request would wait for it."""
LOGGED_EVERY: Final = 60.0
log = structlog.get_logger("banister.limits")


class FallbackStorage(Storage):
    """Counts in `shared`, and in `own` while that does not answer.

    Nobody is kept out, and nobody may guess for ever: each process counts for itself meanwhile.
    """

    STORAGE_SCHEME = None

    def __init__(
        self, shared: Storage, own: Storage, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._shared = shared
        self._own = own
        self._monotonic = monotonic
        self._rests_until = self._quiet_until = float("-inf")

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return await self._ask(lambda storage: storage.incr(key, expiry, amount))

    async def get(self, key: str) -> int:
        return await self._ask(lambda storage: storage.get(key))

    async def get_expiry(self, key: str) -> float:
        return await self._ask(lambda storage: storage.get_expiry(key))

    async def check(self) -> bool:
        return await self._ask(lambda storage: storage.check())

    async def reset(self) -> int | None:
        return await self._ask(lambda storage: storage.reset())

    async def clear(self, key: str) -> None:
        """Forget both counts: the one of an outage may still be there."""
        await self._own.clear(key)
        await self._ask(lambda storage: storage.clear(key))

    async def _ask(self, question: Callable[[Storage], Awaitable[Result]]) -> Result:
        if self._monotonic() >= self._rests_until:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await question(self._shared)
            except Exception as error:
                self._let_rest(error)
        return await question(self._own)

    def _let_rest(self, error: Exception) -> None:
        now = self._monotonic()
        self._rests_until = now + RESTS
        if now >= self._quiet_until:
            self._quiet_until = now + LOGGED_EVERY
            log.warning("counting in this process alone", why=type(error).__name__)
