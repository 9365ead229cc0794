"""The courier of a process: tells others what was published here, and those here what was anywhere.

A process in which nobody is connected carries only what it published itself. What was committed
by one that died before it said so is found by looking, every LOOKS seconds.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol
from uuid import UUID

import orjson
import structlog

from app.bootstrap import Doors, Services
from app.core.ids import new_id
from app.domain.realtime import Frame, FrameType, Passing
from app.tasks.failures import told

LOOKS: Final = 2.0
"""Seconds after which it looks for what nobody told it of."""
CHECKS: Final = 3.0
"""Seconds after which it is asked whether those who are connected still may be."""
PAUSE: Final = 0.5
SHARED: Final = 80
"""Users a word names, so that it stays short enough to be said."""

log = structlog.get_logger("banister.realtime")


class Audience(Protocol):
    """Those who are connected to this process."""

    position: int | None
    """The place up to which they were told; None before it is known where to begin."""

    def begin(self, position: int) -> None: ...
    def begin_anew(self, position: int) -> None: ...
    def tell(self, frames: Sequence[Frame]) -> None: ...
    def pass_on(self, passing: Passing) -> None: ...
    def session_ids(self) -> Sequence[UUID]: ...
    def cut(self, session_ids: Iterable[UUID]) -> None: ...


class Courier:
    def __init__(self, doors: Doors, audience: Audience | None = None) -> None:
        self._doors = doors
        self._audience = audience
        self._outgoing = doors.adapters.outgoing
        self._bus = doors.adapters.bus
        self._name = new_id().hex
        self._news, self._doubt = asyncio.Event(), asyncio.Event()
        self._failures: dict[str, str] = {}
        self._clock = doors.adapters.clock
        self._read_at = self._clock()
        self._kept = timedelta(seconds=doors.adapters.settings.realtime_keep_seconds)

    async def run(self) -> None:
        """Carry until cancelled, whatever is down meanwhile."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._for_ever(self._carry))
            if self._audience is not None:
                group.create_task(self._listen())
                group.create_task(self._for_ever(partial(self._read, self._audience)))
                group.create_task(self._for_ever(partial(self._check, self._audience)))

    async def _for_ever(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        name = getattr(work, "__name__", "") or getattr(work.func, "__name__", "")  # type: ignore[attr-defined]  # of a partial
        while True:
            failure = ""
            try:
                await work()
            except Exception as error:
                failure = told(error)
                if failure != self._failures.get(name):
                    log.warning("courier_waits", work=name, failure=failure)
                await asyncio.sleep(PAUSE)
            self._failures[name] = failure

    async def _carry(self) -> None:
        """Give new frames their places, and say so; pass on what is not kept."""
        await _until(self._outgoing.wait, None if self._audience is None else LOOKS)
        passing, is_published, is_ended = self._outgoing.take()
        if is_ended:
            self._doubt.set()
        if self._audience is not None:
            for one in passing:
                self._audience.pass_on(one)
        words = [word for one in passing for word in self._words(one)]
        try:
            is_new = await self._order()
        except BaseException:
            self._outgoing.add(is_published=is_published, is_ended=is_ended)
            raise
        if is_new:
            self._news.set()
        if is_new or is_ended:
            words.append(self._word(new=is_new, ended=is_ended))
        await self._bus.say(words)

    async def _order(self) -> bool:
        is_new = False
        while await self._doors.perform(_order):
            is_new = True
        return is_new

    async def _listen(self) -> None:
        async with aclosing(self._bus.listen()) as heard:
            async for word in heard:
                if word is None:
                    self._news.set()
                else:
                    with suppress(ValueError, KeyError, TypeError):  # not of ours
                        self._hear(orjson.loads(word))

    def _hear(self, said: dict[str, Any]) -> None:
        if said["by"] == self._name:
            return
        if said.get("new"):
            self._news.set()
        if said.get("ended"):
            self._doubt.set()
        if "type" in said and self._audience is not None:
            to = tuple(UUID(hex=user_id) for user_id in said["to"])
            self._audience.pass_on(Passing(FrameType(said["type"]), said["data"], to))

    async def _read(self, audience: Audience) -> None:
        """Tell those who are here what has a place by now."""
        if audience.position is None:
            audience.begin(await self._last())
        await _until(self._news.wait, LOOKS)
        self._news.clear()
        if self._clock() - self._read_at > self._kept / 2:  # some of it may be forgotten
            audience.begin_anew(await self._last())
        while frames := await self._since(audience):
            audience.tell(frames)

    async def _last(self) -> int:
        now = self._clock()
        async with self._doors.reading_now() as services:
            last = await services.realtime.last()
        self._read_at = now
        return last

    async def _since(self, audience: Audience) -> Sequence[Frame]:
        assert audience.position is not None
        now = self._clock()
        async with self._doors.reading_now() as services:
            frames = await services.realtime.since(audience.position)
        if not frames:  # it has read all there was then
            self._read_at = now
        return frames

    async def _check(self, audience: Audience) -> None:
        """Cut those whose session has ended, or whose account."""
        await _until(self._doubt.wait, CHECKS)
        self._doubt.clear()
        if session_ids := audience.session_ids():
            async with self._doors.reading_now() as services:
                live = await services.realtime_tickets.live(session_ids)
            audience.cut(set(session_ids) - live)

    def _words(self, passing: Passing) -> list[str]:
        names = [user_id.hex for user_id in passing.user_ids]
        return [
            self._word(type=passing.type, data=passing.data, to=names[first : first + SHARED])
            for first in range(0, len(names), SHARED)
        ]

    def _word(self, **said: object) -> str:
        return orjson.dumps({"by": self._name, **said}).decode()


async def _order(services: Services) -> int:
    return await services.realtime.order()


async def _until(happens: Callable[[], Coroutine[Any, Any, Any]], at_most: float | None) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(at_most):
            await happens()


@asynccontextmanager
async def carrying(doors: Doors, audience: Audience | None = None) -> AsyncIterator[None]:
    """Let a courier run beside the block."""
    running = asyncio.create_task(Courier(doors, audience).run())
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait({running})
