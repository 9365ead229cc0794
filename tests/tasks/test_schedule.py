"""What is periodic is done once for all workers, also when they come back late."""

import asyncio

import pytest
import structlog

from app.tasks.schedule import Periodic
from tests.tasks.bells import SOON, working

HOURLY = "0 * * * *"
OVERDUE = """INSERT INTO jobs.pgqueuer_schedules (expression, entrypoint, next_run)
 VALUES ($1, $2, now() - interval '3 hours')"""
NEXT = "SELECT next_run > now() AND status = 'queued' FROM jobs.pgqueuer_schedules"


class Chimes:
    """A periodic use case; it answers as it is told, then that nothing is left."""

    def __init__(self, *answers):
        self.answers, self.calls, self.through = list(answers), 0, asyncio.Event()
        self.__name__ = "chimes"

    async def __call__(self, services):
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else None
        if not answer or isinstance(answer, Exception):
            self.through.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def hourly(monkeypatch):
    def set_schedule(use_case):
        monkeypatch.setattr("app.tasks.worker.SCHEDULE", [Periodic(use_case, HOURLY)])
        return use_case

    return set_schedule


@pytest.fixture
async def overdue(real_database):
    async with real_database.lend() as connection:
        await connection.execute(OVERDUE, HOURLY, "chimes")
        yield connection


async def test_it_is_done_once_by_two_workers_right_after_a_downtime(real_doors, hourly, overdue):
    chimes = hourly(Chimes())
    async with working(real_doors), working(real_doors), asyncio.timeout(SOON):
        await chimes.through.wait()

    assert chimes.calls == 1
    assert await overdue.fetchval(NEXT)


async def test_what_is_done_bit_by_bit_is_done_until_nothing_is_left(real_doors, hourly, overdue):
    chimes = hourly(Chimes(500, 500, 20))
    with structlog.testing.capture_logs() as logs:
        async with working(real_doors), asyncio.timeout(SOON):
            await chimes.through.wait()

    assert chimes.calls == 4
    assert [log["total"] for log in logs if log["event"] == "periodic_done"] == [1020]


async def test_one_that_fails_is_told_of_and_done_again_next_time(real_doors, hourly, overdue):
    chimes = hourly(Chimes(ValueError("the bell is cracked")))
    with structlog.testing.capture_logs() as logs:
        async with working(real_doors), asyncio.timeout(SOON):
            await chimes.through.wait()

    [failed] = [log for log in logs if log["event"] == "periodic_failed"]
    assert failed["failure"].startswith("ValueError: the bell is cracked")
    assert await overdue.fetchval(NEXT)
