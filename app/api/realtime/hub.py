"""Who is connected to this process, and what waits to be sent to them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final
from uuid import UUID

from app.core.errors import Unavailable
from app.domain.realtime import Admitted, Frame, Passing, TooManyConnections

MOST_FRAMES: Final = 512
MOST_BYTES: Final = 1 << 20
"""What waits for one connection; whoever is slower is cut, and can resume."""
READY_WITHIN: Final = 5.0


class Close(IntEnum):
    """Why a connection is ended (RFC 6455, 7.4.1, and the registry of IANA)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    UNSUPPORTED = 1003
    NOT_JSON = 1007
    POLICY = 1008
    FAILED = 1011
    TRY_AGAIN = 1013


class ConnectionLimitReached(Unavailable):
    """This server has as many connections as it can keep; try again in a moment."""


@dataclass(frozen=True, slots=True)
class Told:
    """A frame as it is sent, written once for all who get it; without an id it is not kept."""

    text: str
    type: str
    id: str | None = None
    wire: bytes = field(init=False, repr=False)
    """The same as a frame of RFC 6455, which a server sends to everybody alike."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "wire", _wire(self.text.encode()))


def _wire(body: bytes) -> bytes:
    size = len(body)
    if size < 126:
        return bytes((0x81, size)) + body
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2) + body
    return b"\x81\x7f" + size.to_bytes(8) + body


def written(frame: Frame) -> Told:
    text = f'{{"id":"{frame.id}","type":"{frame.type}","data":{frame.data}}}'
    return Told(text, frame.type, str(frame.id))


def unkept(type_: str, data: str) -> Told:
    """Return a frame that nobody can resume from."""
    return Told(f'{{"id":null,"type":"{type_}","data":{data}}}', type_)


class Connection:
    """What waits for one client, in its order; `until` is where live telling begins.

    What stands between the place it comes from and `until` was told before it came, and is read
    from the table first. With nothing waiting a frame is given to `write` at once, so that no task
    has to be woken for it; what that refuses, for a client that does not read, waits here.
    """

    def __init__(self, admitted: Admitted, *, since: int, until: int) -> None:
        self.user_id = admitted.user_id
        self.session_id = admitted.session_id
        self.since = since
        self.until = until
        self.code: Close | None = None
        self.write: Callable[[bytes], bool] | None = None
        self._is_idle = False
        self._waiting: deque[Told] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self.ended = asyncio.Event()

    def tell(self, position: int, told: Told) -> None:
        if position > self.since:  # another process had told it already
            self.put(told)

    def put(self, told: Told) -> None:
        """Let it wait to be sent; where too much waits, the connection is ended."""
        if self.code is not None:
            return
        if self._is_idle and self.write is not None and self.write(told.wire):
            return
        self._is_idle = False  # or what comes next would overtake this one
        self._size += len(told.text)
        if len(self._waiting) >= MOST_FRAMES or self._size > MOST_BYTES:
            self.end(Close.TRY_AGAIN)
            return
        self._waiting.append(told)
        self._changed.set()

    def end(self, code: Close) -> None:
        """End it, and forget what waits: it can be resumed from what was sent."""
        if self.code is None:
            self.code = code
            self._waiting.clear()
            self._changed.set()
            self.ended.set()

    async def batches(self, at_most: float | None = None) -> AsyncIterator[Sequence[Told]]:
        """Yield what waits, all at once; an empty batch after so many seconds without any."""
        while self.code is None:
            if not self._waiting and not await self._something(at_most):
                yield ()
                continue
            batch = tuple(self._waiting)
            self._waiting.clear()
            self._size = 0
            yield batch

    async def _something(self, at_most: float | None) -> bool:
        """Wait until something waits, or it is ended; return whether that came in time."""
        self._changed.clear()
        self._is_idle = True
        try:
            async with asyncio.timeout(at_most):
                await self._changed.wait()
        except TimeoutError:
            return False
        finally:
            self._is_idle = False
        return True


class Hub:
    """Those who are connected, by user. It tells them; its courier tells it."""

    def __init__(self, *, most: int, most_of_user: int) -> None:
        self.position: int | None = None
        self._most = most
        self._most_of_user = most_of_user
        self._of: dict[UUID, set[Connection]] = {}
        self._count = 0
        self._begun = asyncio.Event()

    def begin(self, position: int) -> None:
        self.position = position
        self._begun.set()

    @contextmanager
    def connected(self, admitted: Admitted, *, since: int) -> Iterator[Connection]:
        """Let somebody be told until the block ends; `since` is the place they come from.

        Refused with TooManyConnections, or ConnectionLimitReached.
        """
        assert self.position is not None
        theirs = self._of.get(admitted.user_id, set())
        if len(theirs) >= self._most_of_user:
            raise TooManyConnections
        if self._count >= self._most:
            raise ConnectionLimitReached
        connection = Connection(admitted, since=since, until=self.position)
        self._of.setdefault(admitted.user_id, theirs).add(connection)
        self._count += 1
        try:
            yield connection
        finally:
            self._count -= 1
            theirs.discard(connection)
            if not theirs:
                self._of.pop(admitted.user_id, None)

    async def ready(self) -> None:
        """Return once it is known where to begin; refuse with Unavailable."""
        try:
            async with asyncio.timeout(READY_WITHIN):
                await self._begun.wait()
        except TimeoutError:
            raise Unavailable from None

    def tell(self, frames: Sequence[Frame]) -> None:
        for frame in frames:
            told: Told | None = None
            for connection in self._those(frame.user_ids):
                told = told or written(frame)
                connection.tell(frame.position, told)
            self.position = frame.position

    def pass_on(self, passing: Passing) -> None:
        told: Told | None = None
        for connection in self._those(passing.user_ids):
            told = told or unkept(passing.type, passing.data)
            connection.put(told)

    def session_ids(self) -> Sequence[UUID]:
        return list({connection.session_id for connection in self._all()})

    def begin_anew(self, position: int) -> None:
        """End all connections, and begin there: who comes back is told what can be told."""
        for connection in list(self._all()):
            connection.end(Close.TRY_AGAIN)
        self.begin(position)

    def cut(self, session_ids: Iterable[UUID]) -> None:
        """End the connections of sessions that have ended."""
        ended = set(session_ids)
        for connection in list(self._all()):
            if connection.session_id in ended:
                connection.end(Close.POLICY)

    def _those(self, user_ids: Iterable[UUID]) -> Iterator[Connection]:
        for user_id in user_ids:
            yield from self._of.get(user_id, ())

    def _all(self) -> Iterator[Connection]:
        for theirs in self._of.values():
            yield from theirs
