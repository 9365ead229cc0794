"""The socket itself: `/realtime?ticket=...`, in bare ASGI, with nothing around a frame.

What is sent was written once for all who get it.
"""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import aclosing, suppress
from typing import Any, Final
from urllib.parse import parse_qsl

import structlog
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from app.api import errors
from app.api.realtime import talking  # noqa: F401  # so that its frames are taken
from app.api.realtime.admission import Coming, batches, ensure_own, hub_of, resumed, with_ticket
from app.api.realtime.hub import Close, Connection
from app.api.realtime.inbound import hear
from app.bootstrap import Doors
from app.core.errors import AppError
from app.core.i18n import Locale

MOST_AT_ONCE: Final = 60
MOST_PER_SECOND: Final = 20.0
LONGEST_QUERY: Final = 2_048
CLOSES_WITHIN: Final = 1.0
WRITE: Final = "banister.write"
"""The extension by which our server takes a frame of RFC 6455 without a message around it."""
log = structlog.get_logger("banister.realtime")


class Allowance:
    """How much a client may say: so many frames a second, and some more at once."""

    def __init__(self) -> None:
        self._left, self._seen = float(MOST_AT_ONCE), time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        grown = self._left + (now - self._seen) * MOST_PER_SECOND
        self._left, self._seen = min(MOST_AT_ONCE, grown) - 1, now
        return self._left >= 0


class Socket:
    """The application behind the route: lets somebody in, and serves until one side ends it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # that they want to connect
        try:
            await self._let_in(scope, receive, send)
        except AppError as refusal:
            await errors.refused(scope, refusal)(scope, receive, send)
        except OSError:
            log.debug("client went away")
        except Exception:
            log.exception("socket failed")
            await errors.crashed(scope)(scope, receive, send)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        asking = HTTPConnection(scope)
        ensure_own(asking)
        doors: Doors = asking.state.doors
        asked = _asked(asking)
        who = await with_ticket(doors, asked.get("ticket", ""))
        hub = hub_of(asking)
        await hub.ready()
        since, coming = await resumed(doors, who, asked.get("last_event_id"))
        with hub.connected(who, since=since) as there:
            await converse(there, doors, scope, receive, send, coming)


async def converse(
    there: Connection, doors: Doors, scope: Scope, receive: Receive, send: Send, coming: Coming
) -> None:
    """Accept, tell and listen until one side ends it, and close."""
    there.write = scope.get("extensions", {}).get(WRITE)
    await send({"type": "websocket.accept"})
    await serve(
        there,
        _tell(there, doors, send, coming),
        _listen(there, doors, receive, errors.locale_of(scope)),
    )
    if there.code is not None:
        await _close(there.code, send)


async def serve(there: Connection, *sides: Coroutine[Any, Any, None]) -> None:
    """Do both until one has ended, or the connection."""
    tasks = [asyncio.create_task(side) for side in (*sides, _ended(there))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled() and isinstance(error := task.exception(), Exception):
            if not isinstance(error, OSError):  # of a client that is gone
                log.error("connection failed", failure=type(error).__name__)
            there.end(Close.FAILED)


async def _ended(there: Connection) -> None:
    await there.ended.wait()


async def _tell(there: Connection, doors: Doors, send: Send, coming: Coming) -> None:
    async with aclosing(batches(there, doors, coming)) as waiting:
        async for batch in waiting:
            for told in batch:
                if there.write is None or not there.write(told.wire):
                    await send({"type": "websocket.send", "text": told.text})


async def _listen(there: Connection, doors: Doors, receive: Receive, locale: Locale) -> None:
    allowance = Allowance()
    while (message := await receive())["type"] != "websocket.disconnect":
        text = message.get("text")
        if text is None:
            there.end(Close.UNSUPPORTED)
            return
        if not allowance.take():
            there.end(Close.POLICY)
            return
        await hear(text, there, doors, locale)


async def _close(code: Close, send: Send) -> None:
    """Say goodbye; who does not read it is left alone."""
    with suppress(TimeoutError, OSError, RuntimeError):
        async with asyncio.timeout(CLOSES_WITHIN):
            await send({"type": "websocket.close", "code": int(code)})


def _asked(asking: HTTPConnection) -> dict[str, str]:
    """Return the parameters of the address; one that stands there twice means nothing."""
    query = asking.scope["query_string"][:LONGEST_QUERY].decode("latin-1")
    pairs = parse_qsl(query, max_num_fields=10)
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}
