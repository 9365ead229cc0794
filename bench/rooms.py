"""The rooms of `fanout.py`, one after the other, in a process in which there is nothing else.

python -m bench.rooms SECONDS prints what was measured, as JSON.
"""

import asyncio
import gc
import json
import resource
import socket
import sys
import time
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import Callable
from typing import Any, Final, Protocol, cast
from uuid import UUID

import uvloop
from starlette.websockets import WebSocket
from uvicorn import Server
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

from app.api.realtime.admission import Coming
from app.api.realtime.hub import Close, Hub
from app.api.realtime.sockets import converse
from app.bootstrap import Doors
from app.cli.serve import configured, listen
from app.core.config import Settings
from app.core.ids import new_id
from app.domain.realtime import Admitted, Frame, FrameType
from bench.operations import FANOUT, LOOPED, REFERENCE, STALLED

ROOM: Final = 200
PACE: Final = 0.01
"""Seconds between two frames: 20,000 deliveries a second, half of what one loop can do here."""
UNTIL_CUT: Final = 900
"""Frames after which who has read none must have been ended: what is in between takes some."""
KEPT: Final = 16_384
"""Bytes the kernel keeps of what is not read; left alone it would be megabytes, on this line."""
NO_DOORS: Final = cast("Doors", None)
"""Nobody has missed anything, nor says anything."""
TEXT: Final = "How are you? " * 30


class Room(Protocol):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...
    async def say(self, data: dict[str, object]) -> None: ...
    def ended(self) -> int:
        """Return how many connections it has ended for being too slow."""
        ...


class OurRoom:
    """The application's own hub, connections and sockets; who comes in is let in."""

    def __init__(self) -> None:
        self._hub = Hub(most=10_000, most_of_user=10_000)
        self._hub.begin(0)
        self._user_ids: list[UUID] = []
        self._ended = self._position = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        who = Admitted(new_id(), new_id(), 0)
        self._user_ids.append(who.user_id)
        with self._hub.connected(who, since=0) as there:
            await converse(there, NO_DOORS, scope, receive, send, Coming.NEW)
            self._ended += there.code is Close.TRY_AGAIN

    async def say(self, data: dict[str, object]) -> None:
        self._position += 1
        to = tuple(self._user_ids)
        frame = Frame(self._position, new_id(), FrameType.MESSAGE, json.dumps(data), to)
        self._hub.tell([frame])

    def ended(self) -> int:
        return self._ended


class BareRoom:
    """The same frame, written to each transport as the bytes it is on the wire."""

    def __init__(self) -> None:
        self._transports: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        del scope
        await receive()
        await send({"type": "websocket.accept"})
        self._transports.append(send.__self__.transport)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def say(self, data: dict[str, object]) -> None:
        text = f'{{"id":"{new_id()}","type":"message","data":{json.dumps(data)}}}'
        wire = WireFrame(Opcode.TEXT, text.encode()).serialize(mask=False)
        for transport in self._transports:
            transport.write(wire)

    def ended(self) -> int:
        return 0


class LoopedRoom:
    """What one writes first."""

    def __init__(self) -> None:
        self._sockets: list[WebSocket] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        there = WebSocket(scope, receive, send)
        await there.accept()
        self._sockets.append(there)
        while (await there.receive())["type"] != "websocket.disconnect":
            pass

    async def say(self, data: dict[str, object]) -> None:
        for there in self._sockets:
            await there.send_json({"id": str(new_id()), "type": "message", "data": data})

    def ended(self) -> int:
        return 0


ROOMS: Final[dict[str, Callable[[], Room]]] = {
    FANOUT: OurRoom,
    STALLED: OurRoom,
    REFERENCE + FANOUT: BareRoom,
    LOOPED: LoopedRoom,
}


async def _measured(name: str, seconds: float) -> dict[str, Any]:
    room, stalled = ROOMS[name](), int(name == STALLED)
    count = round(seconds / PACE)
    settings = Settings(_env_file=None, environment="test")
    with listen("127.0.0.1", 0) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KEPT)
        config = configured(cast("Any", room), settings, lifespan="off", log_level="critical")
        server = Server(config)
        serving = asyncio.create_task(server._serve([listener]))
        given = map(str, (listener.getsockname()[1], ROOM, stalled))
        command = (sys.executable, "-m", "bench.audience", *given)
        clients = await create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, limit=1 << 28)
        assert clients.stdin is not None
        assert clients.stdout is not None
        await clients.stdout.readline()  # all are in
        gc.freeze()  # as the application does
        count = max(count, UNTIL_CUT) if stalled else count
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        clients.stdin.write(b"%d\n" % count)
        for number in range(count):
            await room.say({"n": number, "at": time.monotonic(), "text": TEXT})
            await asyncio.sleep(max(0.0, began + (number + 1) * PACE - time.perf_counter()))
        heard = await clients.stdout.readline()
        after, took = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - began
        server.should_exit = server.force_exit = True
        await clients.wait()
        await serving
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told, late = json.loads(heard)
    lost = ROOM - told + abs(room.ended() - stalled)
    return {"count": count * ROOM, "used": used, "took": took, "late": late, "lost": lost}


if __name__ == "__main__":
    found = {name: uvloop.run(_measured(name, float(sys.argv[1]))) for name in ROOMS}
    print(json.dumps(found))
