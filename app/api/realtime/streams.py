"""The same as Server-Sent Events (WHATWG HTML, 9.2), for those who can't use sockets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.api.realtime.admission import batches, hub_of, resumed
from app.api.realtime.hub import Close, Told
from app.api.realtime.sockets import serve
from app.bootstrap import Doors
from app.domain.realtime import Admitted

EVENTS: Final = "text/event-stream"
HEARTBEAT: Final = b":\n\n"
BEATS: Final = 15.0
"""Seconds of silence after which a comment is sent: proxies end what is silent for a minute."""
BEGINNING: Final = b"retry: 3000\n\n"
ENDED_BY: Final = "ended_by"
"""In the state of a request, what ends its answer when the server is to stop."""
ENDS_WITHIN: Final = 1.0


class EventStream(Response):
    media_type = EVENTS

    def __init__(
        self, who: Admitted, *, last: str | None, is_head: bool, status_code: int = 200
    ) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(None, status_code, headers, EVENTS)
        del self.headers["content-length"]
        self._who = who
        self._last = last
        self._is_head = is_head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asking = HTTPConnection(scope)
        doors: Doors = asking.state.doors
        hub = hub_of(asking)
        await hub.ready()
        since, coming = await resumed(doors, self._who, self._last)
        with hub.connected(self._who, since=since) as there:
            scope["state"][ENDED_BY] = partial(there.end, Close.GOING_AWAY)
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            if not self._is_head:
                waiting = batches(there, doors, coming, at_most=BEATS)
                await serve(there, _tell(waiting, send), _gone(receive))
        with suppress(TimeoutError, OSError):
            async with asyncio.timeout(ENDS_WITHIN):
                await send({"type": "http.response.body", "body": b""})


async def _tell(waiting: AsyncIterator[Sequence[Told]], send: Send) -> None:
    await send({"type": "http.response.body", "body": BEGINNING, "more_body": True})
    async for batch in waiting:
        body = b"".join(map(event, batch)) or HEARTBEAT
        await send({"type": "http.response.body", "body": body, "more_body": True})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def event(told: Told) -> bytes:
    """Return a frame as an event; JSON holds no line break that is not escaped."""
    id_ = f"id: {told.id}\n" if told.id is not None else ""
    return f"{id_}event: {told.type}\ndata: {told.text}\n\n".encode()
