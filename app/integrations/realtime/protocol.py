"""What one process tells the others, at once and without promise.

Whatever must not be lost is a row; here is said that there are some, and a word that got lost is
found out by looking from time to time.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from typing import Final, Protocol

from app.domain.realtime import Passing

CHANNEL: Final = "banister_realtime"
MOST_WAITING: Final = 1_000
LONGEST: Final = 7_999
"""Bytes of a word: what PostgreSQL takes in a notification."""


class Bus(Protocol):
    """Words of up to LONGEST bytes to every process that listens, this one too.

    Nothing is connected before it is used, and what was lost is connected again by itself.
    """

    async def say(self, words: Sequence[str]) -> None:
        """Say them in this order; raise whatever goes wrong."""
        ...

    def listen(self) -> AsyncGenerator[str | None]:
        """Yield what is said from now on, for ever.

        None as soon as it is heard, and again after each time that something may have been lost.
        """
        ...

    async def close(self) -> None: ...


class Outgoing:
    """What this process has published and not yet told the others; its courier waits for it."""

    def __init__(self) -> None:
        self._passing: deque[Passing] = deque(maxlen=MOST_WAITING)
        self._is_published = self._is_ended = False
        self._something = asyncio.Event()

    def add(
        self, passing: Sequence[Passing] = (), *, is_published: bool = False, is_ended: bool = False
    ) -> None:
        """Take over what a transaction left, once it is committed.

        `is_published` where there are new rows, `is_ended` where sessions have ended.
        """
        self._passing.extend(passing)
        self._is_published |= is_published
        self._is_ended |= is_ended
        self._something.set()

    async def wait(self) -> None:
        """Return when there is something."""
        await self._something.wait()

    def take(self) -> tuple[list[Passing], bool, bool]:
        """Return what is only passed on, whether there are new rows, and whether sessions ended."""
        taken = list(self._passing), self._is_published, self._is_ended
        self._passing.clear()
        self._is_published = self._is_ended = False
        self._something.clear()
        return taken
