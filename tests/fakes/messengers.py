"""What the doubles of messengers share: a real server, and faults that are used up one by one."""

import asyncio
import socket
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

INSTEAD = {  # what is answered, after its effect, in place of the truth
    "malformed": (200, '{"sid": "SM1", "obj'),
    "list": (200, "[]"),
    "empty": (200, ""),
    "other": (200, '{"object": "customer", "id": 7}'),
    "500-after": (500, '{"code": 20500}'),
    "redirect": (302, ""),
}


@dataclass
class MessengerServer:
    """`faults` are used up by calls that send.

    After its effect: `hang`, `drop` and those of INSTEAD; before it: a status, such as `500`, and
    whatever `refuse` knows.
    """

    address: str = ""
    faults: deque[str] = field(default_factory=deque)
    calls: Counter[str] = field(default_factory=Counter)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def sending(
        self, request: Request, effect: Callable[[], Awaitable[Response]]
    ) -> Response:
        fault = self.faults.popleft() if self.faults else ""
        if fault and fault not in ("hang", "drop", *INSTEAD):
            return self.refuse(fault)
        answer = await effect()
        if fault == "hang":
            await self.released.wait()
        if fault == "drop":
            return Response(answer.body, 200, headers={"Content-Length": "999999"})
        if fault in INSTEAD:
            status, text = INSTEAD[fault]
            return Response(text, status, headers={"Location": "/elsewhere"})
        return answer

    def refuse(self, fault: str) -> Response:
        return Response("<html>Oh no</html>", int(fault))


class _Quiet(uvicorn.Server):
    def capture_signals(self) -> Any:  # pytest's
        return nullcontext()


@asynccontextmanager
async def serving(server: MessengerServer, routes: list[Route]) -> AsyncIterator[None]:
    """Serve on 127.0.0.1, on a port that is free; the address is written into the server."""
    app = Starlette(routes=routes)
    running = _Quiet(
        uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    )
    listening = socket.create_server(("127.0.0.1", 0))
    server.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    task = asyncio.create_task(running.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.released.set()
        running.should_exit = True
        await task
        listening.close()
