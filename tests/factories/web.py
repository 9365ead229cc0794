"""Web servers on this machine: real ones, that answer what a test tells them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any

from app.integrations.callouts.http import HttpCallouts
from app.integrations.callouts.reach import Reach

NEARBY = Reach(frozenset({"http", "https"}), privately=True)
"""Where tests may call, and nobody else."""


@dataclass
class Asked:
    path: str
    headers: dict[str, str]


@dataclass
class WebServer:
    """`answers` is asked with each request; it returns the bytes of an answer, or None for none."""

    answers: Callable[[Asked], bytes | None]
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/calendar.ics", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        pairs = [line.partition(": ") for line in head[1:] if line]
        headers = {name.lower(): value for name, _, value in pairs}
        self.asked.append(Asked(head[0].split()[1], headers))
        answer = self.answers(self.asked[-1])
        if answer is None:
            await self.waiting.wait()
        else:
            writer.write(answer)
        writer.close()


def answer(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    """Return an HTTP answer; a header's underscores are hyphens."""
    lines = [f"HTTP/1.1 {status} Whatever", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def web_server(
    answers: Callable[[Asked], bytes | None], *, tls: SSLContext | None = None
) -> AsyncIterator[WebServer]:
    server = WebServer(answers)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.waiting.set()
        listening.close()


def callouts(reach: Reach = NEARBY, **options: Any) -> HttpCallouts:
    return HttpCallouts(reach, **options)
