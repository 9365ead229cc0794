"""The application behind the real server, on a real connection: one answer never harms the next."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
import pytest_asyncio
from fastapi import FastAPI
from uvicorn import Config, Server

from app.api.middleware import MEGABYTE
from app.bootstrap import Doors, build_adapters
from app.cli.serve import configured, listen
from app.core.config import Settings
from app.core.database import Database
from tests.api.conftest import Nowhere
from tests.conftest import SECRET

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
OPEN = "POST /api/v1/echoes/open HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
GOOD = '{"text": "a"}'


class QuietServer(Server):
    """Leaves signals to the tests, and tells when it is there."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(app: FastAPI) -> AsyncIterator[tuple[str, int]]:
    """The address of a server whose database is gone: nothing here needs one."""
    settings = Settings(_env_file=None, secret_key=SECRET)
    adapters = build_adapters(settings)

    async def with_state(scope, receive, send):
        scope["state"] = {"doors": Doors(Database(Nowhere()), adapters), "tokens": adapters.tokens}
        await app(scope, receive, send)

    with listen("127.0.0.1", 0) as listener:
        server = QuietServer(configured(with_state, settings, lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        await server.ready.wait()
        yield listener.getsockname()
        server.should_exit = True
        await serving
    adapters.passwords.close()


@pytest.fixture
async def connection(address: tuple[str, int]) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection(*address)
    yield reader, writer
    writer.close()


async def answered(reader: asyncio.StreamReader, *, head: bool = False) -> tuple[int, bytes]:
    """Return status and body of the next answer on the connection."""
    async with asyncio.timeout(5):
        header = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(header.split()[1])
        length = int(header.partition("content-length: ")[2].partition("\r\n")[0] or 0)
        return status, b"" if head or status == 204 else await reader.readexactly(length)


async def next_one_works(connection: Connection) -> None:
    reader, writer = connection
    writer.write(f"{OPEN}Content-Length: {len(GOOD)}\r\n\r\n{GOOD}".encode())

    assert await answered(reader) == (200, b'{"text":"a","count":1}')


async def test_a_body_too_large_is_refused_before_it_is_sent_and_the_next_request_works(connection):
    reader, writer = connection
    writer.write(f"{OPEN}Content-Length: {2 * MEGABYTE}\r\n\r\n".encode())

    status, _ = await answered(reader)
    writer.write(b" " * 2 * MEGABYTE)

    assert status == 413
    await next_one_works(connection)


async def test_a_chunked_body_too_large_is_refused_and_the_next_request_works(connection):
    reader, writer = connection
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    writer.write(f"{OPEN}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 20 + b"0\r\n\r\n")

    assert (await answered(reader))[0] == 413
    await next_one_works(connection)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("HEAD /health/live", 200),
        ("HEAD /nowhere", 404),
        ("HEAD /api/v1/echoes/crash", 500),
        ("GET /api/v1/echoes/crash", 500),
        ("OPTIONS /health/live", 204),
        ("TRACE /health/live", 405),
        ("GET /%00%ff?%ff=%00", 404),
        ("GET /health/live?q=%ff", 400),
    ],
)
async def test_whatever_was_asked_the_connection_goes_on(connection, line, status):
    reader, writer = connection
    writer.write(f"{line} HTTP/1.1\r\nHost: test\r\n\r\n".encode())

    assert (await answered(reader, head=line.startswith("HEAD")))[0] == status
    await next_one_works(connection)


@pytest.mark.parametrize(
    "raw",
    [
        "GET / HTTP/9.9\r\n\r\n",
        "FOO\r\n\r\n",
        "GET /health/live HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /health/live HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "GET /health/live HTTP/1.1\r\nNa me: x\r\n\r\n",
        "GET /health/live HTTP/1.1\r\nName: x\0y\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_a_400_of_the_server(connection, raw):
    reader, writer = connection
    writer.write(raw.encode())

    assert (await answered(reader))[0] == 400


async def test_requests_sent_at_once_are_answered_in_order(connection):
    reader, writer = connection
    names = [f"request-{number}" for number in range(20)]
    for name in names:
        line = f"GET /{name} HTTP/1.1\r\nHost: test\r\nX-Request-ID: {name}\r\n\r\n"
        writer.write(line.encode())

    answers = [await answered(reader) for _ in names]

    assert [
        f'"request_id":"{name}"' in body.decode()
        for name, (_, body) in zip(names, answers, strict=True)
    ] == [True] * 20
