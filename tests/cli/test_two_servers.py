"""Two servers, each a process of its own: who is connected to one hears what is said at the other.

By PostgreSQL, by a Redis of the tests, and by a real one where TEST_REDIS_URL names it.
"""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

import httpx
import orjson
import pytest

from app.bootstrap import Doors, build_adapters
from app.cli.serve import listen
from app.core.clock import system_clock
from tests.cli.command import environment
from tests.conftest import SECRET
from tests.factories.accounts import make_user
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.realtime import SOON, Place, frame
from tests.factories.redis import small_redis
from tests.factories.talks import open_talk, say

UP = b"Application startup complete"
REAL_REDIS = os.environ.get("TEST_REDIS_URL")
BUSES = [
    "postgres",
    "redis",
    pytest.param(
        "real redis",
        marks=pytest.mark.skipif(not REAL_REDIS, reason="TEST_REDIS_URL names no Redis"),
    ),
]


@asynccontextmanager
async def server(folder, doors, url, **given):
    """Run `banister serve` on a free port, until the block ends."""
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    folder.mkdir()
    surroundings = environment(
        DATABASE_URL=url,
        SECRET_KEY=SECRET,
        ENVIRONMENT="development",
        DATA_DIR=str(folder),
        PORT=str(port),
        LOG_FORMAT="json",
        **given,
    )
    command = (sys.executable, "-m", "app.cli", "serve")
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=surroundings, stderr=asyncio.subprocess.PIPE
    )
    said = b""
    async with asyncio.timeout(4 * SOON):
        while UP not in (line := await process.stderr.readline()):
            said += line
            assert line, said.decode()
    reading = asyncio.create_task(process.stderr.read())
    try:
        yield Place(doors, None, None, port), process
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()
        await reading


@pytest.fixture
async def given(request):
    """What both servers are told of the way between them."""
    bus = getattr(request, "param", "postgres")
    async with AsyncExitStack() as stack:
        address = REAL_REDIS if bus == "real redis" else None
        if bus == "redis":
            address, _ = await stack.enter_async_context(small_redis())
        yield {} if address is None else {"REDIS_URL": address}


class World:
    """Two servers, and two people who have business with each other."""

    def __init__(self, here, there, process, customer, seller, booking):
        self.here, self.there, self.process = here, there, process
        self.customer, self.seller, self.booking = customer, seller, booking


@pytest.fixture
async def world(tmp_path, settings, real_database, url, given):
    adapters = build_adapters(settings, database=real_database)
    doors = Doors(real_database, adapters)
    starts_at = (system_clock() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    async with real_database.transaction() as connection:
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        user = await make_user(connection)
        booking = await make_booking(connection, user.id, offering, provider, starts_at=starts_at)
    async with (
        server(tmp_path / "here", doors, url, **given) as (here, process),
        server(tmp_path / "there", doors, url, **given) as (there, _),
    ):
        customer, seller = await here.member(user.id), await here.member(provider.user_id)
        yield World(here, there, process, customer, seller, booking)
    adapters.passwords.close()
    adapters.imaging.close()
    adapters.printing.close()
    await adapters.bus.close()


async def of_type(socket, type_):
    while (told := await frame(socket))["type"] != type_:
        pass
    return told


@pytest.mark.parametrize("given", BUSES, indirect=True)
async def test_who_is_at_one_hears_what_is_said_at_the_other(world):
    here, there, ada, bob = world.here, world.there, world.customer, world.seller
    async with (
        httpx.AsyncClient(base_url=here.base) as at_here,
        here.socket(ada) as hers,
        there.socket(bob) as his,
    ):
        talk = await open_talk(at_here, ada.headers, booking_id=str(world.booking.id))
        said = await say(at_here, ada.headers, talk, "Is there parking?")
        told = await of_type(his, "message")
        assert told["data"] == said
        assert (await of_type(hers, "message")) == told, "the same frame, with the same id"

        # What is only passed on travels in the word alone: nobody finds it by looking.
        await his.send(
            orjson.dumps({"type": "typing", "data": {"conversation_id": talk["id"]}}).decode()
        )
        typing = await of_type(hers, "typing")
        assert typing["data"]["user_id"] == str(bob.id)


async def test_who_was_at_one_that_was_killed_goes_on_at_the_other_until_they_sign_out(world):
    here, there, ada, bob = world.here, world.there, world.customer, world.seller
    async with httpx.AsyncClient(base_url=there.base) as at_there:
        async with here.socket(ada) as socket:
            talk = await open_talk(at_there, bob.headers, booking_id=str(world.booking.id))
            await say(at_there, bob.headers, talk, "1")
            last = (await of_type(socket, "message"))["id"]
            world.process.kill()
            async with asyncio.timeout(SOON):
                await socket.wait_closed()
        for text in ("2", "3"):
            await say(at_there, bob.headers, talk, text)
        async with there.socket(ada, last=last) as again:
            told = [(await of_type(again, "message"))["data"]["text"] for _ in range(2)]
            assert told == ["2", "3"]

            await there.end_session(ada)
            async with asyncio.timeout(SOON):
                await again.wait_closed()
            assert again.close_code == 1008
