"""A job that ends every worker it is given to is parked, and it alone."""

import asyncio
import sys

from app.repositories.jobs import JobRepository
from tests.tasks.bells import jobs, ring
from tests.tasks.poison import Poison


async def test_a_job_that_ends_its_worker_is_parked_and_those_beside_it_are_not(real_doors, url):
    async with real_doors.database.transaction() as connection:
        await JobRepository(connection).announce(Poison(0))
    await ring(real_doors, *range(3))

    workers = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.tasks.poison", url, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        deaths, _ = await workers.communicate()

    assert int(deaths.split()[-1]) == 4  # among others, then three times by itself
    [dead] = await jobs(real_doors)
    assert (dead.entrypoint, dead.error.splitlines()[0]) == ("Poison", "EndsItsWorker: 3 times")
