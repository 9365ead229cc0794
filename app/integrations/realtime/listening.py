"""Listening that goes on by itself after the line was cut."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Final

import structlog

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 3.0
log = structlog.get_logger("banister.realtime")


async def again_and_again(
    connect: Callable[[], AsyncGenerator[str | None]],
) -> AsyncGenerator[str | None]:
    """Yield what each connection hears; one that ends or fails is followed by another."""
    pause, known = FIRST_PAUSE, ""
    while True:
        try:
            async with aclosing(connect()) as heard:
                async for word in heard:
                    pause, known = FIRST_PAUSE, ""
                    yield word
            failure = "closed"
        except Exception as error:
            failure = type(error).__name__
        if failure != known:
            log.warning("realtime_deaf", failure=failure)
        known = failure
        await asyncio.sleep(pause * random.uniform(0.5, 1))
        pause = min(2 * pause, LONGEST_PAUSE)
