"""Counting: the same in every store, and also while the one that is shared is gone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
import structlog
from limits.aio.storage import Storage
from pydantic import SecretStr
from sqlalchemy import select

from app.core.statements import Query
from app.domain.limits import ALLOWED, Quota, RateLimited, Tally, tally
from app.integrations.limiting.counting import CountingLimiter
from app.integrations.limiting.fallback import LOGGED_EVERY, RESTS, FallbackStorage
from app.integrations.limiting.memory import ProcessStorage
from app.integrations.limiting.postgres import PostgresStorage
from app.integrations.limiting.protocol import Unlimited
from app.integrations.limiting.redis import OwnedRedisStorage
from app.integrations.limiting.stores import limiter
from app.models import RateLimits
from app.repositories.limits import LimitRepository
from tests.factories.clock import Clock
from tests.factories.redis import SmallRedis, small_redis

STORES = ["memory", "postgres", "redis"]
KEYS = Query(select(RateLimits.key), bytes)
THERE, ELSEWHERE = "203.0.113.7", "203.0.113.8"
MOST = ALLOWED[Quota.LOGIN].account[0].most


@pytest.fixture
async def redis() -> AsyncIterator[tuple[OwnedRedisStorage, SmallRedis]]:
    async with small_redis() as (url, server):
        storage = OwnedRedisStorage(url)
        yield storage, server
        await storage.close()


@pytest.fixture
def opened(database, clock):
    @asynccontextmanager
    async def opened() -> AsyncIterator[LimitRepository]:
        async with database.read() as connection:
            yield LimitRepository(connection, clock)

    return opened


@pytest.fixture(params=STORES)
def storage(request, opened, redis, clock) -> Storage:
    match request.param:
        case "memory":
            return ProcessStorage(clock)
        case "postgres":
            return PostgresStorage(opened, clock)
        case _:
            return redis[0]


@pytest.fixture
def counting(storage, clock) -> CountingLimiter:
    return CountingLimiter(storage, ProcessStorage(clock), secret="s", clock=clock)


async def spent(counting: CountingLimiter, times: int, *, account: str = "ada") -> int:
    """Return how many of so many tries were let through."""
    passed = 0
    for _ in range(times):
        with suppress(RateLimited):
            await counting.spend(Quota.LOGIN, None, account)
            passed += 1
    return passed


async def test_a_storage_counts_each_key_until_it_is_cleared(storage):
    counts = [await storage.incr("a", 60) for _ in range(3)]
    other = await storage.incr("b", 60, amount=5)
    await storage.clear("a")

    assert counts == [1, 2, 3]
    assert (other, await storage.get("b")) == (5, 5)
    assert await storage.get("a") == 0
    assert await storage.incr("a", 60) == 1
    assert await storage.check()


@pytest.mark.parametrize("storage", ["memory", "redis"], indirect=True)
async def test_of_tries_at_once_none_is_lost(storage):
    counts = await asyncio.gather(*(storage.incr("a", 60) for _ in range(8)))

    assert sorted(counts) == list(range(1, 9))


@pytest.mark.parametrize("storage", ["memory", "postgres"], indirect=True)
async def test_what_is_over_counts_from_nothing(storage, clock):
    await storage.incr("a", 60)
    ends_at = await storage.get_expiry("a")
    clock.forward(seconds=60)

    assert ends_at == clock().timestamp()
    assert await storage.get("a") == 0
    assert await storage.incr("a", 60) == 1


@pytest.mark.parametrize("storage", ["memory", "postgres"], indirect=True)
async def test_a_storage_can_be_emptied(storage):
    await storage.incr("a", 60)
    await storage.reset()

    assert await storage.get("a") == 0


async def test_only_so_many_tries_fit_into_a_window_and_the_next_has_room_again(counting, clock):
    passed = await spent(counting, MOST + 5)
    with pytest.raises(RateLimited) as refusal:
        await counting.spend(Quota.LOGIN, None, "ada")
    clock.forward(seconds=refusal.value.retry_after)

    assert passed == MOST
    assert 1 <= refusal.value.retry_after <= 60
    assert await spent(counting, MOST + 5) == MOST


async def test_a_moment_before_the_next_window_it_is_still_refused(counting, clock):
    await spent(counting, MOST)
    with pytest.raises(RateLimited) as refusal:
        await counting.spend(Quota.LOGIN, None, "ada")
    clock.forward(seconds=refusal.value.retry_after - 1.001)

    assert await spent(counting, 1) == 0


async def test_each_account_and_each_address_counts_by_itself(counting):
    await spent(counting, MOST)

    assert await spent(counting, 1, account="bob") == 1
    await counting.spend(Quota.LOGIN, THERE)
    await counting.spend(Quota.CODES, None, "ada")


async def test_a_right_one_takes_back_what_was_counted(counting):
    await spent(counting, MOST)
    await counting.forgive(Quota.LOGIN, "ada")

    assert await spent(counting, MOST + 1) == MOST


@pytest.mark.parametrize("storage", ["memory"], indirect=True)
async def test_steps_slow_down_who_goes_on_and_hammering_lengthens_nothing(counting, clock):
    """Of the tries refused in a minute, the hour knows nothing."""
    minutes = []
    for _ in range(60):
        minutes.append(await spent(counting, 2 * MOST))
        clock.forward(minutes=1)

    assert minutes[:3] == [10, 10, 10]
    assert sum(minutes) <= 2 * 30  # two windows of an hour lie within any hour

    clock.forward(hours=1)
    assert await spent(counting, 2 * MOST) == MOST


@pytest.mark.parametrize("ip", [THERE, "2001:db8:1:2::7"])
async def test_what_comes_from_one_address_is_counted_whoever_is_tried(counting, ip):
    most = ALLOWED[Quota.LOGIN].address[0].most
    for number in range(most):
        await counting.spend(Quota.LOGIN, ip, f"somebody-{number}")

    with pytest.raises(RateLimited):
        await counting.spend(Quota.LOGIN, ip, "the next")
    await counting.spend(Quota.LOGIN, ELSEWHERE, "the next")


async def test_of_ipv6_everybody_has_a_whole_block(counting):
    for number in range(ALLOWED[Quota.LOGIN].address[0].most):
        await counting.spend(Quota.LOGIN, f"2001:db8:1:2::{number:x}")

    with pytest.raises(RateLimited):
        await counting.spend(Quota.LOGIN, "2001:db8:1:2:ffff::")
    await counting.spend(Quota.LOGIN, "2001:db8:1:3::")


async def test_ipv4_in_the_clothes_of_ipv6_is_the_same_address(counting):
    for _ in range(ALLOWED[Quota.LOGIN].address[0].most):
        await counting.spend(Quota.LOGIN, f"::ffff:{THERE}")

    with pytest.raises(RateLimited):
        await counting.spend(Quota.LOGIN, THERE)
    await counting.spend(Quota.LOGIN, f"::ffff:{ELSEWHERE}")


async def test_a_request_that_is_run_again_counts_once(counting):
    token = tally.set(Tally())
    try:
        assert await spent(counting, 3 * MOST) == 3 * MOST
    finally:
        tally.reset(token)

    assert await spent(counting, MOST) == MOST - 1


async def test_who_develops_on_the_machine_may_do_more_but_may_not_guess_more(clock):
    storage = ProcessStorage(clock)
    counting = CountingLimiter(
        storage, ProcessStorage(clock), secret="s", clock=clock, in_development=True
    )
    most = ALLOWED[Quota.WRITES].address[0].most
    for _ in range(most + 1):
        await counting.spend(Quota.WRITES, "127.0.0.1", "ada")
    for number in range(500):
        await counting.spend(Quota.MAILS, "::1", f"somebody-{number}")
    for _ in range(MOST):
        await counting.spend(Quota.LOGIN, "127.0.0.1", "ada")

    with pytest.raises(RateLimited):
        await counting.spend(Quota.LOGIN, "127.0.0.1", "ada")
    with pytest.raises(RateLimited):
        for _ in range(most + 1):
            await counting.spend(Quota.WRITES, THERE)


async def test_no_table_tells_who_was_counted(opened, clock, connection):
    counting = CountingLimiter(
        PostgresStorage(opened, clock), ProcessStorage(clock), secret="s", clock=clock
    )
    await counting.spend(Quota.LOGIN, THERE, "ada@example.com")
    keys = await connection.all(KEYS)

    assert {len(key) for key in keys} == {32}
    assert not any(b"ada" in key or b"203" in key for key in keys)


async def test_no_key_of_redis_tells_who_was_counted(redis, clock):
    storage, server = redis
    counting = CountingLimiter(storage, ProcessStorage(clock), secret="s", clock=clock)
    await counting.spend(Quota.LOGIN, THERE, "ada@example.com")
    keys = list(server.kept)

    assert len(keys) == 5
    assert all(key.startswith(b"banister:limits:") for key in keys)
    assert not any(b"ada" in key or b"203" in key for key in keys)


async def test_a_count_in_redis_goes_by_itself(redis):
    storage, _ = redis
    await storage.incr("a", 60)

    assert 50 < await storage.get_expiry("a") - time.time() <= 61


async def test_a_redis_that_was_started_anew_is_told_the_script_again(redis):
    storage, server = redis
    await storage.incr("a", 60)
    server.scripts.clear()
    server.kept.clear()

    assert await storage.incr("a", 60) == 1


async def test_memory_is_bounded_and_what_is_over_goes_first(clock):
    storage = ProcessStorage(clock, most=100)
    for number in range(90):
        await storage.incr(f"short-{number}", 10)
    clock.forward(seconds=10)
    for number in range(1000):
        await storage.incr(f"long-{number}", 60)

    assert len(storage._counts) <= 100
    assert await storage.get("long-999") == 1
    assert await storage.get("long-0") == 0


async def test_the_reads_of_a_crowd_forget_nobodys_tries(settings, clock, opened):
    counting = limiter(settings, clock, opened)
    await spent(counting, MOST)
    for storage in (counting._shared, counting._own):
        storage._most = storage._full = 10
    for number in range(100):
        await counting.spend(Quota.READS, f"198.51.100.{number}")

    assert await spent(counting, 1) == 0


class Gone(ProcessStorage):
    """A store that fails, or says nothing, until it is back."""

    def __init__(self, clock: Clock, *, silent: bool = False) -> None:
        super().__init__(clock)
        self.is_gone, self.silent, self.asked = True, silent, 0

    async def incr(self, key, expiry, amount=1):
        self.asked += 1
        if self.is_gone and self.silent:
            await asyncio.Event().wait()
        if self.is_gone:
            raise ConnectionRefusedError
        return await super().incr(key, expiry, amount)


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


async def test_while_the_store_is_gone_this_process_counts_and_asks_it_now_and_then(clock, seconds):
    gone = Gone(clock)
    fallback = FallbackStorage(gone, ProcessStorage(clock), monotonic=seconds)
    counting = CountingLimiter(fallback, ProcessStorage(clock), secret="s", clock=clock)

    assert await spent(counting, MOST + 5) == MOST
    assert gone.asked == 1

    gone.is_gone, seconds.now = False, RESTS
    assert await spent(counting, 1) == 1  # in the store nobody was counted yet
    assert gone.asked > 1


async def test_a_store_that_says_nothing_is_waited_for_once(clock, seconds, monkeypatch):
    monkeypatch.setattr("app.integrations.limiting.fallback.PATIENCE", 0.01)
    gone = Gone(clock, silent=True)
    fallback = FallbackStorage(gone, ProcessStorage(clock), monotonic=seconds)

    async with asyncio.timeout(2):
        counts = [await fallback.incr("a", 60) for _ in range(50)]

    assert counts == list(range(1, 51))
    assert gone.asked == 1


async def test_that_the_store_is_gone_is_logged_once_a_minute(clock, seconds):
    fallback = FallbackStorage(Gone(clock), ProcessStorage(clock), monotonic=seconds)
    with structlog.testing.capture_logs() as logs:
        while seconds.now < 2 * LOGGED_EVERY:
            await fallback.incr("a", 60)
            seconds.now += RESTS

    assert [entry["why"] for entry in logs] == ["ConnectionRefusedError"] * 2


@pytest.mark.parametrize("store", ["postgres", "redis"])
async def test_a_store_nobody_listens_at_keeps_nobody_out(settings, clock, store):
    @asynccontextmanager
    async def nowhere() -> AsyncIterator[LimitRepository]:
        raise ConnectionRefusedError
        yield

    changed = {"rate_limit_store": store, "redis_url": SecretStr("redis://127.0.0.1:1")}
    counting = limiter(settings.model_copy(update=changed), clock, nowhere)

    assert await spent(counting, MOST + 5) == MOST
    await counting.forgive(Quota.LOGIN, "ada")
    assert await spent(counting, 1) == 1
    await counting.close()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"rate_limits": "off"}, Unlimited),
        ({"rate_limit_store": "memory"}, ProcessStorage),
        ({"rate_limit_store": "postgres"}, FallbackStorage),
        ({"rate_limit_store": "redis", "redis_url": SecretStr("redis://r")}, FallbackStorage),
    ],
)
async def test_the_settings_say_where_is_counted(settings, clock, opened, change, kind):
    made = limiter(settings.model_copy(update=change), clock, opened)

    assert isinstance(getattr(made, "_shared", made), kind)


async def test_where_limits_are_off_nothing_is_too_often(settings, clock, opened):
    made = limiter(settings.model_copy(update={"rate_limits": "off"}), clock, opened)

    assert await spent(made, 10 * MOST) == 10 * MOST
    await made.forgive(Quota.LOGIN, "ada")
    await made.close()
