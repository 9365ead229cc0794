"""LISTEN and NOTIFY of the database that is there anyway."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from app.integrations.realtime.listening import again_and_again
from app.integrations.realtime.protocol import CHANNEL, Bus

ASKED_EVERY: Final = 15.0  # seconds of silence, after which it is asked whether it is still there
ANSWERS_WITHIN: Final = 5.0


class PostgresBus(Bus):
    """A NOTIFY takes a lock that all commits share: so none is sent by what does the business.

    `notify` sends all words in one transaction of its own. `lend` lends a connection for long.
    """

    def __init__(
        self,
        notify: Callable[[Sequence[str]], Awaitable[None]],
        lend: Callable[[], AbstractAsyncContextManager[Any]],
    ) -> None:
        self._notify = notify
        self._lend = lend

    async def say(self, words: Sequence[str]) -> None:
        if words:
            await self._notify(words)

    async def listen(self) -> AsyncGenerator[str | None]:
        async for word in again_and_again(self._connected):
            yield word

    async def close(self) -> None:
        pass  # what it speaks through is the database's

    async def _connected(self) -> AsyncGenerator[str | None]:
        async with self._lend() as connection:
            words: asyncio.Queue[str | None] = asyncio.Queue()
            connection.add_termination_listener(lambda _: words.put_nowait(None))
            await connection.add_listener(CHANNEL, lambda *told: words.put_nowait(told[3]))
            yield None
            while True:
                try:
                    async with asyncio.timeout(ASKED_EVERY):
                        word = await words.get()
                except TimeoutError:
                    await connection.fetchval("SELECT 1", timeout=ANSWERS_WITHIN)
                    continue
                if word is None:
                    return
                yield word
