"""Servers with sockets, and clients of them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import orjson
from sqlalchemy import bindparam, update
from uvicorn import Config, Server
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.api.realtime.hub import Hub
from app.bootstrap import Adapters, Doors, build_adapters
from app.cli.serve import configured, listen
from app.core.statements import Command
from app.domain.realtime import FrameType
from app.domain.users import UserStatus
from app.integrations.realtime.protocol import Bus
from app.main import create_app
from app.models import Users
from app.tasks.courier import carrying
from tests.factories.accounts import make_user, sign_in

SOON = 15.0  # seconds; more is a failure
DEACTIVATE = Command(
    update(Users).where(Users.id == bindparam("user_id")).values(status=UserStatus.DEACTIVATED)
)
MESSAGE, TYPING = FrameType.MESSAGE, FrameType.TYPING


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


@dataclass
class Member:
    """Somebody who is signed in."""

    id: UUID
    headers: dict[str, str]


class Place:
    """A server of the application, and the doors and the hub behind it."""

    def __init__(self, doors: Doors, hub: Hub, server: QuietServer, port: int) -> None:
        self.doors, self.hub, self.server, self.port = doors, hub, server, port

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    async def member(self, user_id: UUID | None = None) -> Member:
        async with self.doors.database.transaction() as connection:
            if user_id is None:
                user_id = (await make_user(connection)).id
            return Member(user_id, await sign_in(connection, self.doors.adapters, user_id=user_id))

    async def ticket(self, member: Member) -> str:
        async with httpx.AsyncClient() as client:
            made = await client.post(f"{self.base}/realtime/ticket", headers=member.headers)
        assert made.status_code == 201, made.text
        ticket: str = made.json()["ticket"]
        return ticket

    @asynccontextmanager
    async def socket(
        self,
        member: Member | None = None,
        *,
        ticket: str | None = None,
        last: str | None = None,
        **options: Any,
    ) -> AsyncIterator[ClientConnection]:
        if ticket is None:
            assert member is not None
            ticket = await self.ticket(member)
        resumed = "" if last is None else f"&last_event_id={last}"
        address = f"ws://127.0.0.1:{self.port}/api/v1/realtime?ticket={ticket}{resumed}"
        async with connect(
            address, proxy=None, open_timeout=SOON, max_queue=None, **options
        ) as there:
            yield there

    async def end_session(self, member: Member) -> None:
        async with httpx.AsyncClient() as client:
            ended = await client.post(f"{self.base}/auth/logout", headers=member.headers)
        assert ended.status_code == 204, ended.text

    async def deactivate(self, member: Member) -> None:
        async with self.doors.database.transaction() as connection:
            await connection.run(DEACTIVATE, user_id=member.id)

    async def publish(
        self, number: int, *to: Member, type_: FrameType = MESSAGE, **more: object
    ) -> None:
        async with self.doors.writing() as services:
            ids = [member.id for member in to]
            await services.realtime.publish(type_, {"n": number, **more}, to=ids)


@asynccontextmanager
async def serving(
    adapters: Adapters,
    database: Any,
    *,
    bus: Bus | None = None,
    pings: float | None = None,
    **limits: int,
) -> AsyncIterator[Place]:
    """Serve on a database whose commits are real, with a courier.

    `pings` is how often clients are asked whether they are there, and how long to answer.
    """
    built = build_adapters(adapters.settings, adapters.clock, database)
    own = replace(built, passwords=adapters.passwords, bus=bus or built.bus)
    built.passwords.close()
    doors = Doors(database, own)
    hub = Hub(most=limits.get("most", 1000), most_of_user=limits.get("most_of_user", 300))
    app = create_app(own.settings)

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] |= {"doors": doors, "tokens": own.tokens, "hub": hub}
        await app(scope, receive, send)

    with listen("127.0.0.1", 0) as listener:
        options: dict[str, Any] = {"lifespan": "off", "timeout_graceful_shutdown": 10}
        if pings is not None:
            options |= {"ws_ping_interval": pings, "ws_ping_timeout": pings}
        config = configured(with_state, own.settings, **options)
        server = QuietServer(config)
        async with carrying(doors, hub):
            running = asyncio.create_task(server.serve([listener]))
            await server.ready.wait()
            await hub.ready()
            yield Place(doors, hub, server, listener.getsockname()[1])
            server.should_exit = True
            await running
    own.imaging.close()
    own.printing.close()
    await own.bus.close()


async def frame(there: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(SOON):
        received: dict[str, Any] = orjson.loads(await there.recv())
        return received


async def frames(there: ClientConnection, count: int) -> list[dict[str, Any]]:
    return [await frame(there) for _ in range(count)]


async def numbers(there: ClientConnection, count: int) -> list[int]:
    return [one["data"]["n"] for one in await frames(there, count)]


async def closed(there: ClientConnection) -> int | None:
    """Return with which code it is ended, whatever is told before."""
    async with asyncio.timeout(SOON):
        with suppress(ConnectionClosed):
            while True:
                await there.recv()
    return there.close_code


def ids(told: Sequence[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in told]
