"""The limiter: fixed windows, counted in a storage of the `limits` library."""

from collections.abc import Awaitable, Callable
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from limits.aio.storage import Storage

from app.core.clock import Clock
from app.domain.limits import (
    Quota,
    RateLimited,
    Spent,
    Tally,
    Window,
    allowance,
    block_of,
    is_loopback,
    tally,
)
from app.integrations.limiting.protocol import Limiter

SIZE: Final = 16  # bytes of a digest
KNOWN: Final = 4096  # names whose digest is remembered
TOLD: Final = frozenset({Quota.READS, Quota.WRITES})
"""Quotas whose accounts are those who ask. What is left of others' says who tries to get in."""


class CountingLimiter(Limiter):
    """Reads are counted in this process alone: a round trip for each would cost more than it.

    A window begins at another moment for everybody, known from the clock alone, so that a count
    is one question to the storage, and not everybody comes back at once. Names are digests with
    our key: in no storage stands an address or an e-mail, nor can one be tried.
    """

    def __init__(
        self,
        shared: Storage,
        own: Storage,
        *,
        secret: str,
        clock: Clock,
        in_development: bool = False,
        close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._shared = shared
        self._own = own
        self._key = blake2b(secret.encode(), digest_size=SIZE).digest()
        self._clock = clock
        self._in_development = in_development
        self._close = close
        self._named = lru_cache(KNOWN)(self._digest)

    async def spend(self, quota: Quota, address: str | None, *accounts: str) -> None:
        at_home = self._in_development and address is not None and is_loopback(address)
        allowed, counted = allowance(quota, at_home=at_home), tally.get() or Tally()
        if address is not None:
            name = f"{quota.value} at {block_of(address)}"
            await self._take(quota, name, allowed.address, counted, is_told=True)
        for account in accounts:
            name = f"{quota.value} of {account}"
            await self._take(quota, name, allowed.account, counted, is_told=quota in TOLD)

    async def forgive(self, quota: Quota, account: str) -> None:
        for window in allowance(quota, at_home=False).account:
            key, _ = self._place(f"{quota.value} of {account}", window)
            await self._shared.clear(key)

    async def close(self) -> None:
        if self._close is not None:
            await self._close()

    async def _take(
        self,
        quota: Quota,
        name: str,
        windows: tuple[Window, ...],
        counted: Tally,
        *,
        is_told: bool,
    ) -> None:
        """Take one from each window, the shortest first: what one refuses, longer ones don't see.

        Somebody who hammers is thereby kept out for a minute at a time, and not for the day.
        """
        if name in counted.paid:
            return
        storage = self._own if quota is Quota.READS else self._shared
        for window in windows:
            key, resets_in = self._place(name, window)
            left = window.most - await storage.incr(key, window.seconds)
            if is_told or left < 0:
                counted.tell(Spent(quota, window, left if left > 0 else 0, resets_in))
            if left < 0:
                raise RateLimited(retry_after=resets_in)
        counted.paid.add(name)

    def _place(self, name: str, window: Window) -> tuple[str, int]:
        """Return under what a window is counted now, and the seconds until the next one."""
        digest, offset = self._named(name)
        seconds = window.seconds
        number, gone = divmod(self._clock().timestamp() + offset, seconds)
        return f"{digest}/{seconds}/{int(number)}", seconds - int(gone)

    def _digest(self, name: str) -> tuple[str, int]:
        digest = blake2b(name.encode(), digest_size=SIZE, key=self._key)
        return digest.hexdigest(), int.from_bytes(digest.digest()[:4])
