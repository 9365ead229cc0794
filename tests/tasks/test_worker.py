"""A worker runs every job that was committed, whatever becomes of the job or of itself."""

import asyncio
from collections import Counter
from datetime import timedelta
from time import perf_counter

import pytest
import structlog
from sqlalchemy import column, func, select, table
from sqlalchemy.types import BigInteger, Text

from app.bootstrap import Doors
from app.core.database import Database, open_pool
from app.core.statements import Query
from app.domain.jobs import JobStatus
from app.integrations.mail.protocol import MailUnavailable
from app.tasks.worker import Outage
from tests.factories.network import detour, way_to
from tests.tasks.bells import SOON, jobs, ring, settled, working


class Belfry:
    """A task that hears bells, and fails as often as it is told to."""

    def __init__(self, *failures):
        self.heard = Counter()
        self.failures = list(failures)
        self.__name__ = "hear"
        self.again = asyncio.Event()

    async def __call__(self, message, services):
        self.heard[message.number] += 1
        self.again.set()
        if self.failures:
            raise self.failures.pop(0)

    async def has_heard(self, *numbers, times=1):
        async with asyncio.timeout(SOON):
            while any(self.heard[number] < times for number in numbers):
                self.again.clear()
                await self.again.wait()


async def test_a_job_starts_within_a_second_of_its_commit(real_doors, when_rang):
    when_rang(belfry := Belfry())
    async with working(real_doors, looks=0.5):
        await ring(real_doors, 1)
        await belfry.has_heard(1)
        waits = [await heard_after(real_doors, belfry, number) for number in range(2, 5)]

    assert min(waits) < 1  # of a busy machine the quickest tells most
    assert (await jobs(real_doors), set(belfry.heard.values())) == ([], {1})


async def heard_after(doors, belfry, number: int) -> float:
    began = perf_counter()
    await ring(doors, number)
    await belfry.has_heard(number)
    return perf_counter() - began


async def test_of_two_workers_one_runs_a_job(real_doors, when_rang):
    when_rang(belfry := Belfry())
    await ring(real_doors, *range(100))
    async with working(real_doors), working(real_doors):
        await belfry.has_heard(*range(100))

    assert await jobs(real_doors) == []
    assert set(belfry.heard.values()) == {1}


async def test_what_failed_is_tried_again(real_doors, when_rang):
    when_rang(belfry := Belfry(MailUnavailable(), *[ValueError()] * 4), attempts=6)
    await ring(real_doors, 1)
    async with working(real_doors):
        await belfry.has_heard(1, times=6)

    assert await jobs(real_doors) == []


async def test_what_fails_for_good_is_kept_with_the_reason_and_without_secrets(
    real_doors, when_rang
):
    secret = ValueError("no login for ann@example.com with password=tulip\nDETAIL: (ann)")
    refusal = MailUnavailable("https://mail.example/send?key=tulip")
    refusal.__cause__ = secret
    when_rang(belfry := Belfry(refusal, refusal))
    await ring(real_doors, 1)
    async with working(real_doors):
        await belfry.has_heard(1, times=2)

    [dead] = await jobs(real_doors, dead=True)
    assert (dead.status, dead.attempts, dead.body) == (JobStatus.DEAD, 1, '{"number":1}')
    assert dead.error.splitlines()[0].startswith("MailUnavailable: https://mail.example/send")
    assert dead.error.splitlines()[1].startswith("ValueError: no login for ")
    assert "test_worker.py" in dead.error.splitlines()[-1]
    assert not any(word in dead.error for word in ("tulip", "ann", "/tmp", "/work", "DETAIL"))

    await real_doors.perform(lambda services: services.jobs.retry(dead.id))
    async with working(real_doors):
        await belfry.has_heard(1, times=3)
    assert await jobs(real_doors) == []


async def test_each_task_of_a_message_is_tried_by_itself(real_doors, when_rang):
    fine, broken = Belfry(), Belfry(ValueError(), ValueError())
    fine.__name__, broken.__name__ = "note", "repair"
    when_rang(fine, broken)
    await ring(real_doors, 1)
    async with working(real_doors):
        await broken.has_heard(1, times=2)
        await fine.has_heard(1)

    assert (fine.heard[1], broken.heard[1]) == (1, 2)
    assert [job.entrypoint for job in await jobs(real_doors)] == ["Rang:repair"]


async def test_a_message_nobody_cares_about_is_done(real_doors, when_rang):
    when_rang()
    await ring(real_doors, 1)
    async with working(real_doors):
        assert await settled(real_doors) == []


async def test_a_task_that_takes_too_long_is_interrupted(real_doors, when_rang):
    async def dream(message, services):
        await asyncio.Event().wait()

    when_rang(dream, within=timedelta(seconds=0.02), attempts=1)
    await ring(real_doors, 1)
    async with working(real_doors):
        [dead] = await settled(real_doors)

    assert dead.error.startswith("TimeoutError")


IN_TRANSACTION = Query(
    select(func.count(type_=BigInteger))
    .select_from(table("pg_stat_activity", column("datname"), column("state"), column("pid")))
    .where(
        column("datname", Text) == func.current_database(),
        column("state", Text).like("idle in transaction%"),
        column("pid") != func.pg_backend_pid(),
    ),
    int,
)


async def test_no_transaction_is_open_around_a_task_but_its_own(real_doors, when_rang):
    counted = asyncio.Queue()

    async def count(message, services):
        counted.put_nowait(await services._connection.first(IN_TRANSACTION))

    when_rang(count)
    await ring(real_doors, 1)
    async with working(real_doors), asyncio.timeout(SOON):
        assert await counted.get() == 0


class Slow:
    """A task that runs until it may end."""

    def __init__(self):
        self.began, self.may_end, self.ends = asyncio.Event(), asyncio.Event(), []
        self.__name__ = "drag"

    async def __call__(self, message, services):
        self.began.set()
        try:
            await self.may_end.wait()
            self.ends.append("done")
        except asyncio.CancelledError:
            self.ends.append("interrupted")
            raise


async def test_a_worker_told_to_stop_lets_what_runs_end(real_doors, when_rang):
    when_rang(slow := Slow())
    await ring(real_doors, 1)
    async with asyncio.timeout(SOON), working(real_doors):
        await slow.began.wait()
        asyncio.get_running_loop().call_later(0.05, slow.may_end.set)

    assert (slow.ends, await jobs(real_doors)) == (["done"], [])


@pytest.mark.parametrize("cancelled", [False, True])
async def test_what_does_not_end_in_time_is_given_back(real_doors, when_rang, cancelled):
    when_rang(slow := Slow())
    await ring(real_doors, 1, dedupe="bell")
    async with asyncio.timeout(SOON), working(real_doors, grace=0.05) as worker:
        await slow.began.wait()
        if cancelled:
            worker.cancel()

    assert slow.ends == ["interrupted"]
    [job] = await jobs(real_doors)
    assert (job.status, job.error) == (JobStatus.WAITING, "The worker was stopped.")

    slow.may_end.set()
    async with working(real_doors):
        assert await settled(real_doors) == []
    assert slow.ends == ["interrupted", "done"]


async def test_it_starts_without_the_database_and_comes_back_when_that_does(
    url, tmp_path, real_doors, when_rang
):
    when_rang(belfry := Belfry())
    pool = await open_pool(detour(url, tmp_path), size=4)
    far = Doors(Database(pool), real_doors.adapters)
    with structlog.testing.capture_logs() as logs:
        async with working(far):
            await told(logs, "worker_waits")
            for number in (1, 2):
                await ring(real_doors, number)
                async with way_to(url, tmp_path):
                    await belfry.has_heard(number)
    await pool.close()

    events = [log["event"] for log in logs if log["event"].startswith("worker")]
    assert events[:4] == ["worker_waits", "worker_ready"] * 2


async def told(logs, event: str) -> None:
    """Return once that stands in the log."""
    async with asyncio.timeout(SOON):
        while all(log["event"] != event for log in logs):  # noqa: ASYNC110  # nothing tells
            await asyncio.sleep(0.005)


async def test_an_outage_is_told_of_once():
    outage, stopping = Outage(), asyncio.Event()
    stopping.set()  # so that nobody waits
    with structlog.testing.capture_logs() as logs:
        for error in (OSError("gone"), OSError("gone"), OSError("refused")):
            await outage.sit_out(error, stopping)
        outage.over()
        await outage.sit_out(OSError("refused"), stopping)

    told = [log["event"] for log in logs]
    assert told == ["worker_waits", "worker_waits", "worker_ready", "worker_waits"]


async def test_a_line_of_the_log_names_the_job_and_not_what_is_in_it(real_doors, when_rang):
    when_rang(belfry := Belfry(ValueError("no")))
    await ring(real_doors, 918273)
    named = [structlog.contextvars.merge_contextvars]
    with structlog.testing.capture_logs(processors=named) as logs:
        async with working(real_doors):
            await belfry.has_heard(918273, times=2)

    failed, done = [log for log in logs if log["event"].startswith("job")]
    assert (failed["job"], failed["attempt"], done["attempt"]) == ("Rang", 1, 2)
    assert failed["job_id"] == done["job_id"]
    assert "918273" not in str(logs)
