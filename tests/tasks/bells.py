"""Messages of the tests, and a worker that is in a hurry."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from app.bootstrap import Doors
from app.core.listing import PageRequest
from app.core.messages import Message
from app.domain.jobs import Job, JobSort
from app.repositories.jobs import JobRepository
from app.tasks.worker import Pace, run_worker

SOON = 15.0  # seconds; more is a failure


@dataclass(frozen=True, slots=True)
class Rang(Message):
    number: int


async def ring(doors: Doors, *numbers: int, **how: Any) -> None:
    """Announce that so many bells rang, and commit."""
    async with doors.database.transaction() as connection:
        for number in numbers:
            await JobRepository(connection).announce(Rang(number), **how)


async def jobs(doors: Doors, *, dead: bool = False) -> list[Job]:
    """Return the jobs that have not succeeded, or the dead."""
    page = PageRequest(sort=JobSort.OLDEST)
    found = await doors.perform(lambda services: services.jobs.page(page, dead=dead))
    return list(found.items)


async def settled(doors: Doors) -> list[Job]:
    """Wait until nothing waits or runs any more; return what is left, the dead."""
    async with asyncio.timeout(SOON):
        while await jobs(doors) != await jobs(doors, dead=True):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # nothing tells when a table changes
    return await jobs(doors)


@asynccontextmanager
async def working(doors: Doors, **pace: float) -> AsyncIterator[asyncio.Task[None]]:
    """Run a worker during the block, and stop it after."""
    stopping = asyncio.Event()
    hurried = Pace(**{"looks": 0.02, **pace})  # type: ignore[arg-type]
    worker = asyncio.create_task(run_worker(doors, stopping=stopping, pace=hurried))
    try:
        yield worker
    finally:
        stopping.set()
        await asyncio.wait({worker})
