"""What one process tells the others, at once and without promise.

Whatever must not be lost is a row; here is said that there are some, and a word that got lost is
found out by looking from time to time.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final, Protocol

from app.domain.realtime import Passing

MOST_WAITING: Final = 1_000
LONGEST: Final = 7_999
"""Bytes of what is said at once: what PostgreSQL takes in a notification."""


class Bus(Protocol):
    """Words of up to LONGEST bytes to every process that listens, this one too.

    No connection is made before the first word. One that is lost is made anew by itself; what was
    said meanwhile is lost.
    """

    async def say(self, *words: bytes) -> None:
        """Say them, in this order; whatever goes wrong is told by an exception."""
        ...

    def listen(self) -> AsyncIterator[bytes | None]:
        """Yield what is said from now on, for ever; None whenever something may have been lost."""
        ...

    async def close(self) -> None: ...


class Outgoing:
    """What this process has published and not yet told the others; its courier waits for it."""

    def __init__(self) -> None:
        self._passing: deque[Passing] = deque(maxlen=MOST_WAITING)
        self._is_published = False
        self._something = asyncio.Event()

    def add(self, passing: list[Passing], *, is_published: bool) -> None:
        """Take over what a transaction left, once it is committed."""
        self._passing.extend(passing)
        self._is_published |= is_published
        self._something.set()

    async def wait(self) -> None:
        """Return when there is something."""
        await self._something.wait()

    def take(self) -> tuple[list[Passing], bool]:
        """Return what is only passed on, and whether there are new rows."""
        taken = list(self._passing), self._is_published
        self._passing.clear()
        self._is_published = False
        self._something.clear()
        return taken
