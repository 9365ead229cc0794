"""Seeing after the jobs: those that wait, those that are tried again, and the dead."""

from collections.abc import Sequence

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.jobs import HISTORY_LASTS, Job, JobNotDead, JobNotFound, JobRunning, JobSort
from app.repositories.queue import QueueRepository

BATCH = 1000


class JobService:
    def __init__(self, queue: QueueRepository, clock: Clock) -> None:
        self.queue = queue
        self.clock = clock

    async def page(self, request: PageRequest[JobSort], *, dead: bool = False) -> Page[Job]:
        """Return the jobs that have not succeeded yet, or the dead ones alone."""
        return await self.queue.page(request, dead=dead)

    async def get(self, job_id: int) -> Job:
        job = await self.queue.get(job_id)
        if job is None:
            raise JobNotFound
        return job

    async def retry(self, job_id: int) -> None:
        """Try a dead job again, as if for the first time."""
        if not await self.queue.retry(job_id):
            await self.get(job_id)
            raise JobNotDead

    async def retry_all(self) -> int:
        """Try all dead jobs again; return how many there are."""
        return await self.queue.retry_all()

    async def drop(self, job_id: int) -> None:
        """Give up a job that is dead or waiting."""
        if not await self.queue.drop(job_id):
            await self.get(job_id)
            raise JobRunning

    async def was_lost(self, job_id: int) -> bool:
        """Tell whether it was picked before and its worker never said how that ended."""
        return await self.queue.picks(job_id) > 1

    async def start_alone(self, job_id: int) -> int:
        """Count that a job that was lost is about to be run by itself; return how often it was."""
        return await self.queue.start_alone(job_id) or 0

    async def split(self, job_id: int, entrypoints: Sequence[str]) -> None:
        """Replace the job by one for each of several tasks, so that each is tried by itself."""
        await self.queue.split(job_id, entrypoints)

    async def forget_history(self) -> int:
        """Delete some of what is known of jobs long gone; return how much, 0 when there is none."""
        before = self.clock() - HISTORY_LASTS
        return await self.queue.forget(before=before, most=BATCH)
