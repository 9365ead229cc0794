"""Counts in the memory of one process."""

from typing import Final

from limits.aio.storage import Storage

from app.core.clock import Clock

MOST: Final = 50_000
"""Counts that are kept, some 15 MB of them."""
FEW: Final = 1_000


class ProcessStorage(Storage):
    """As MemoryStorage of `limits`, which looks through all it keeps with every request.

    What is over is looked for when there is twice as much as was left the last time, so that a
    count costs the same however many there are. When all is full, the oldest tenth is forgotten.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock, *, most: int = MOST) -> None:
        super().__init__()
        self._clock = clock
        self._most = most
        self._full = min(most, FEW)
        self._counts: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = self._clock().timestamp()
        count, ends_at = self._counts.get(key, (0, 0.0))
        if ends_at <= now:
            if key not in self._counts and len(self._counts) >= self._full:
                self._make_room(now)
            count, ends_at = 0, now + expiry
        self._counts[key] = count + amount, ends_at
        return count + amount

    async def get(self, key: str) -> int:
        count, ends_at = self._counts.get(key, (0, 0.0))
        return count if ends_at > self._clock().timestamp() else 0

    async def get_expiry(self, key: str) -> float:
        now = self._clock().timestamp()
        return max(now, self._counts.get(key, (0, now))[1])

    async def check(self) -> bool:
        return True

    async def reset(self) -> int | None:
        count = len(self._counts)
        self._counts.clear()
        return count

    async def clear(self, key: str) -> None:
        self._counts.pop(key, None)

    def _make_room(self, now: float) -> None:
        self._counts = {key: kept for key, kept in self._counts.items() if kept[1] > now}
        if len(self._counts) >= self._most:
            for key in list(self._counts)[: self._most // 10 + 1]:
                del self._counts[key]
        self._full = min(self._most, max(FEW, 2 * len(self._counts)))
