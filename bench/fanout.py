"""200 sockets in one room: what a frame costs the application, beside a server that writes bytes.

python -m bench.fanout [--frames 300]

Both serve with one loop and the same uvicorn protocol of the application; the reference writes the
frame, made beforehand, to every transport. The clients are in another process.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import resource
import statistics
import time
from multiprocessing.connection import Connection as Pipe
from typing import Any, Final
from uuid import UUID

import uvloop
from uvicorn import Server
from websockets.asyncio.client import connect
from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode

from app.api.realtime.hub import Hub
from app.api.realtime.sockets import tell
from app.cli.protocols import BoundedSockets
from app.cli.serve import configured, listen
from app.core.config import Settings
from app.core.ids import new_id
from app.domain.realtime import Admitted, Frame, FrameType

ROOM: Final = 200
DATA: Final = json.dumps({"text": "How are you?" * 8, "conversation_id": str(new_id())})


class Room:
    """The application's own hub, connections and way to send; who comes in is let in."""

    def __init__(self) -> None:
        self.hub = Hub(most=10_000, most_of_user=10_000)
        self.hub.begin(0)
        self.user_ids: list[UUID] = []
        self.position = 0

    async def __call__(self, _: Any, receive: Any, send: Any) -> None:
        await receive()
        who = Admitted(new_id(), new_id(), 0)
        with self.hub.connected(who, since=0) as there:
            self.user_ids.append(who.user_id)
            await send({"type": "websocket.accept"})
            await tell(there, None, send, is_whole=True)  # type: ignore[arg-type]  # nothing was missed

    def say(self, number: int) -> None:
        self.position += 1
        data = f'{{"n":{number},"at":{time.monotonic()},"more":{DATA}}}'
        frame = Frame(self.position, new_id(), FrameType.MESSAGE, data, tuple(self.user_ids))
        self.hub.tell([frame])


class Bare:
    """The same frame, written to each transport as the bytes it is on the wire."""

    def __init__(self) -> None:
        self.transports: list[Any] = []

    async def __call__(self, _: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.transports.append(send.__self__.transport)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    def say(self, number: int) -> None:
        data = f'{{"n":{number},"at":{time.monotonic()},"more":{DATA}}}'
        text = f'{{"id":"{new_id()}","type":"message","data":{data}}}'
        wire = WireFrame(Opcode.TEXT, text.encode()).serialize(mask=False)
        for transport in self.transports:
            transport.write(wire)


def clients(port: int, stalled: int, pipe: Pipe) -> None:
    asyncio.run(_clients(port, stalled, pipe))


async def _clients(port: int, stalled: int, pipe: Pipe) -> None:
    address = f"ws://127.0.0.1:{port}/"
    there = [
        await connect(address, proxy=None, compression=None, ping_interval=None)
        for _ in range(ROOM + stalled)
    ]
    for one in there[ROOM:]:
        one.transport.pause_reading()
    pipe.send("here")
    count = await asyncio.to_thread(pipe.recv)

    async def read(one: Any) -> tuple[list[int], list[float]]:
        numbers, late = [], []
        for _ in range(count):
            data = json.loads(await one.recv())["data"]
            late.append(time.monotonic() - data["at"])
            numbers.append(data["n"])
        return numbers, late

    told = await asyncio.gather(*map(read, there[:ROOM]))
    late = sorted(each for _, all_ in told for each in all_)
    pipe.send((all(n == list(range(count)) for n, _ in told), late[int(len(late) * 0.99)]))
    os._exit(0)


async def measured(room: Any, frames: int, stalled: int = 0) -> tuple[float, float, bool]:
    """Return the CPU per delivery, the 99th percentile of delays, and whether all was in order."""
    settings = Settings(_env_file=None, environment="test")  # type: ignore[call-arg]
    with listen("127.0.0.1", 0) as listener:
        config = configured(room, settings, lifespan="off", log_level="error")
        config.ws = BoundedSockets
        server = Server(config)
        serving = asyncio.create_task(server._serve([listener]))
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        given = (listener.getsockname()[1], stalled, theirs)
        process = multiprocessing.get_context("spawn").Process(target=clients, args=given)
        process.start()
        await asyncio.to_thread(ours.recv)
        before = resource.getrusage(resource.RUSAGE_SELF)
        ours.send(frames)
        for number in range(frames):
            room.say(number)
            await asyncio.sleep(0.01)
        in_order, late = await asyncio.to_thread(ours.recv)
        after = resource.getrusage(resource.RUSAGE_SELF)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        server.should_exit = server.force_exit = True
        await serving
        process.join()
    return used / frames / ROOM * 1e6, late, in_order


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout")
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    ratios = []
    for _ in range(asked.rounds):
        bare = uvloop.run(measured(Bare(), asked.frames))
        ours = uvloop.run(measured(Room(), asked.frames))
        ratios.append(bare[0] / ours[0])
        print(f"bare {bare[0]:.1f} us, ours {ours[0]:.1f} us, in order: {ours[2]}", flush=True)
    stalled = uvloop.run(measured(Room(), asked.frames, stalled=1))
    print(f"of a raw-frame server: {statistics.median(ratios):.2f} (goal 0.45)")
    print(f"p99 {ours[1] * 1e3:.1f} ms, beside a stalled reader {stalled[1] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
