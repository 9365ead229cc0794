"""What one process says, the others hear, by PostgreSQL and by Redis, and again after a cut."""

import asyncio
from contextlib import aclosing, asynccontextmanager

import pytest
from redis.exceptions import ConnectionError as NoRedis

from app.bootstrap import build_adapters
from app.core.database import Database, open_pool
from app.core.errors import Unavailable
from app.integrations.realtime.protocol import LONGEST
from app.integrations.realtime.redis import RedisBus
from tests.factories.redis import small_redis

SOON = 15.0
CUT = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
 WHERE datname = current_database() AND query LIKE 'LISTEN%' AND pid <> pg_backend_pid()"""


class Line:
    """A bus, another one on the same line, and how to cut all who listen."""

    def __init__(self, one, other, cut):
        self.one, self.other, self.cut = one, other, cut


@asynccontextmanager
async def by_postgres(settings, url):
    pools = [await open_pool(url, size=3) for _ in range(2)]
    built = [build_adapters(settings, database=Database(pool)) for pool in pools]

    async def cut():
        async with pools[0].acquire() as raw:
            assert await raw.fetchval(CUT) >= 1

    yield Line(built[0].bus, built[1].bus, cut)
    for adapters, pool in zip(built, pools, strict=True):
        adapters.passwords.close()
        pool.terminate()


@asynccontextmanager
async def by_redis(settings, url):
    async with small_redis() as (address, redis):
        buses = [RedisBus(address) for _ in range(2)]

        async def cut():
            assert redis.cut_listeners() >= 1

        yield Line(*buses, cut)
        for bus in buses:
            await bus.close()


@pytest.fixture(params=[by_postgres, by_redis], ids=["postgres", "redis"])
async def line(request, settings, url):
    async with request.param(settings, url) as line:
        yield line


async def heard(words):
    async with asyncio.timeout(SOON):
        return await anext(words)


async def listening(words):
    """Return once it is heard; before that it says nothing."""
    assert await heard(words) is None


async def test_words_are_heard_by_all_in_their_order(line):
    async with aclosing(line.one.listen()) as here, aclosing(line.other.listen()) as there:
        await listening(here)
        await listening(there)
        said = [f"word {number}" for number in range(50)] + ["ü" * (LONGEST // 2)]
        await line.one.say(said[:20])
        await line.one.say([])
        await line.one.say(said[20:])

        assert [await heard(here) for _ in said] == said
        assert [await heard(there) for _ in said] == said


async def test_who_was_cut_off_listens_again_and_is_told_of_the_gap(line):
    async with aclosing(line.other.listen()) as words:
        await listening(words)
        waiting = asyncio.create_task(heard(words))
        await line.cut()
        assert await waiting is None, "something may have been lost"
        await line.one.say(["after"])

        assert await heard(words) == "after"


async def test_nothing_is_connected_before_it_is_used(settings):
    nowhere = await open_pool("postgresql://nobody@127.0.0.1:1/none", size=1)
    adapters = build_adapters(settings, database=Database(nowhere))
    buses = [adapters.bus, RedisBus("redis://127.0.0.1:1/0")]
    for bus in buses:
        with pytest.raises((Unavailable, NoRedis)):
            await bus.say(["anybody?"])
        await bus.close()
    adapters.passwords.close()
    nowhere.terminate()
