"""Running tasks: those of a message here and now, or a job's within its time and its attempts."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from pgqueuer import Job, RetryRequested
from structlog.contextvars import bound_contextvars

from app.bootstrap import Doors
from app.core.messages import Message
from app.tasks.failures import told
from app.tasks.registry import Task, part, tasks_of

BACKOFF: Final = 4
LONGEST_PAUSE: Final = timedelta(hours=1)
MOST_ALONE: Final = 3

log = structlog.get_logger(__name__)


class Dead(Exception):
    """The job failed for good and is kept as dead."""


class EndsItsWorker(Exception):
    """The worker ended, each time this job was run by itself."""


async def deliver(doors: Doors, message: Message) -> None:
    """Run every task of a message here and now, each in a transaction of its own."""
    for task in tasks_of(type(message)):
        await doors.perform(partial(task.handler, message))


class Delivery:
    """The jobs one worker runs: done, or given back to the queue, or dead."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._alone = asyncio.Lock()
        self._running: set[asyncio.Timeout] = set()
        self._giving_back = False

    def give_back(self) -> None:
        """Interrupt what is running; another worker will run it."""
        self._giving_back = True
        for limit in self._running:
            if not limit.expired():
                limit.reschedule(0)

    @asynccontextmanager
    async def limited(self, within: timedelta) -> AsyncIterator[None]:
        """End the block with a TimeoutError when its time is over, or all is given back."""
        async with asyncio.timeout(0 if self._giving_back else within.total_seconds()) as limit:
            self._running.add(limit)
            try:
                yield
            finally:
                self._running.discard(limit)

    async def run(self, tasks: Sequence[Task], job: Job) -> None:
        """Run the job's task, or make a job of each; tell PgQueuer how it ended."""
        with bound_contextvars(job_id=job.id, job=job.entrypoint, attempt=job.attempts + 1):
            try:
                async with self.limited(tasks[0].within):
                    await self._carefully(tasks, job)
            except (Exception, asyncio.CancelledError) as error:
                raise self._verdict(error, tasks[0], job) from None
            log.info("job_done")

    async def _carefully(self, tasks: Sequence[Task], job: Job) -> None:
        """Run a job whose last worker was lost by itself, and not for ever.

        A start is counted before it is made: of all the jobs that were lost with a worker, only
        the one that ends the next worker too is found guilty.
        """
        if not await self._doors.perform(lambda services: services.jobs.was_lost(job.id)):
            return await self._perform(tasks, job)
        async with self._alone:
            starts = await self._doors.perform(lambda services: services.jobs.start_alone(job.id))
            if starts > MOST_ALONE:
                raise EndsItsWorker(f"{MOST_ALONE} times")
            return await self._perform(tasks, job)

    async def _perform(self, tasks: Sequence[Task], job: Job) -> None:
        if len(tasks) > 1:
            parts = [part(job.entrypoint, task) for task in tasks]
            await self._doors.perform(lambda services: services.jobs.split(job.id, parts))
        else:
            message = Message.read(job.entrypoint.partition(":")[0], job.payload or b"")
            await self._doors.perform(partial(tasks[0].handler, message))

    def _verdict(self, error: BaseException, task: Task, job: Job) -> Exception:
        """Log the failure, and return what tells PgQueuer to try again, or not to."""
        if self._giving_back or isinstance(error, asyncio.CancelledError):
            log.info("job_given_back")
            return RetryRequested(reason="The worker was stopped.")
        failure = told(error)
        if isinstance(error, EndsItsWorker) or job.attempts + 1 >= task.attempts:
            log.error("job_dead", failure=failure)
            return Dead(failure)
        pause = pause_after(job.attempts, task.pause)
        log.warning("job_failed", failure=failure, again_in_seconds=round(pause.total_seconds()))
        return RetryRequested(pause, failure)


def pause_after(attempts: int, first: timedelta) -> timedelta:
    """Return how long to wait after so many attempts and one: 10 s, 40 s, ... an hour, or so."""
    grown: float = BACKOFF ** min(attempts, 10)
    return min(first * grown, LONGEST_PAUSE) * random.uniform(0.75, 1.25)
