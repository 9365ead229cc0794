"""Clients of the application's own socket, without a network, and the server it is part of."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import orjson

from app.api.realtime.hub import Connection, Hub
from app.api.realtime.sockets import WRITE, Socket
from app.bootstrap import Doors
from app.domain.actors import Actor
from app.tasks.courier import Courier

TURNS = 20_000


class Process:
    """A hub and its courier, which does one thing when it is told to."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.hub = Hub(most=100, most_of_user=100)
        self.courier = Courier(doors, self.hub)

    async def order(self) -> None:
        await self.courier._order()

    async def read(self) -> None:
        self.courier._news.set()
        await self.courier._read(self.hub)


class Listener:
    """Somebody at a socket: reads, or doesn't; loses the line, and what was on its way."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.told: list[dict[str, Any]] = []
        """What they got since they began, or began anew, each with its id."""
        self.begun_at = 0
        self.is_lost = False
        """Whether the last connection told them to begin anew."""
        self.came_from: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._reads, self._waits = asyncio.Event(), asyncio.Event()
        self._stops_after: int | None = None
        self._fresh = 0

    @property
    def is_connected(self) -> bool:
        return self._task is not None and not self._task.done()

    @property
    def last(self) -> str | None:
        return self.told[-1]["id"] if self.told else None

    async def connect(self, process: Process, newest: int) -> None:
        """Ask for a ticket and come with it, from the last frame that was told.

        `newest` is the last place that was given by then.
        """
        doors = process.doors
        ticket = await doors.perform(lambda services: services.realtime_tickets.issue(self.actor))
        self._ticket_at = newest
        query = {"ticket": ticket.secret} | ({"last_event_id": self.last} if self.last else {})
        if not self.last:
            self.begun_at = self._ticket_at
        self.came_from, self.is_lost, self._fresh = self.last, False, len(self.told)
        self._gone = asyncio.Event()
        self._asked = False
        self._reads.set()
        self._hub = process.hub
        scope = {
            "type": "websocket",
            "query_string": urlencode(query).encode(),
            "headers": [],
            "state": {"doors": doors, "hub": process.hub},
            "extensions": {WRITE: self._write},
        }
        self._task = asyncio.create_task(Socket()(scope, self._receive, self._send))

    async def settle(self) -> None:
        """Return when nothing more comes: all is told, or they don't read, or it has ended."""
        for _ in range(TURNS):
            there = next(iter(self._hub._of.get(self.actor.user_id, ())), None)
            if not self.is_connected or (there is not None and self._is_at_rest(there)):
                return
            await asyncio.sleep(0.0005)
        raise AssertionError("it never comes to rest")

    def _is_at_rest(self, there: Connection) -> bool:
        return there._is_idle or not self._reads.is_set()

    def stop_reading(self) -> None:
        self._reads.clear()

    async def read_one(self) -> None:
        """Read one frame more, and then none; return when the next one waits to be read."""
        self._stops_after = len(self.told) + 1
        self._waits.clear()
        await self._waits.wait()

    def read_on(self) -> None:
        self._reads.set()

    async def lose_the_line(self, on_its_way: int = 0) -> None:
        """End it; the last so many frames of this connection never arrived."""
        if self._task is None:
            return
        self._gone.set()
        self._reads.set()
        await self._task
        kept = max(self._fresh, len(self.told) - on_its_way)
        del self.told[kept:]
        self._task = None

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "websocket.connect"}
        await self._gone.wait()
        return {"type": "websocket.disconnect", "code": 1006}

    def _write(self, wire: bytes) -> bool:
        if self._gone.is_set() or not self._reads.is_set():
            return False
        size, start = wire[1], 2
        if size == 126:
            size, start = int.from_bytes(wire[2:4]), 4
        assert len(wire) == start + size
        self._hear(wire[start:])
        return True

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._reads.is_set():
            self._waits.set()
        await self._reads.wait()
        if self._gone.is_set():
            raise OSError("gone")
        if message["type"] == "websocket.send":
            self._hear(message["text"])

    def _hear(self, text: bytes | str) -> None:
        frame = orjson.loads(text)
        if frame["type"] == "reset":
            self.begun_at, self.is_lost = self._ticket_at, True
            self.told.clear()
            self._fresh = 0
        else:
            self.told.append(frame)
        if len(self.told) == self._stops_after:
            self._stops_after = None
            self._reads.clear()
