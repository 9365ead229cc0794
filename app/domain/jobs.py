"""The vocabulary of the queue: jobs, their states and refusals."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.core.errors import Conflict, NotFound

HISTORY_LASTS: Final = timedelta(days=14)


class JobStatus(StrEnum):
    """The values are PgQueuer's; a job that succeeded is gone."""

    WAITING = "queued"
    RUNNING = "picked"
    DEAD = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """A message for one task or all of its tasks.

    `body` is the message as JSON, `attempts` how often it was tried and put back, `error` how it
    last failed.
    """

    id: int
    status: JobStatus
    entrypoint: str
    body: str
    attempts: int
    created_at: datetime
    due_at: datetime
    error: str | None

    @property
    def tries(self) -> int:
        return self.attempts + (self.status is not JobStatus.WAITING)


class JobSort(StrEnum):
    OLDEST = "id"
    NEWEST = "-id"


class JobNotFound(NotFound):
    """There is no such job; it may have succeeded."""


class JobNotDead(Conflict):
    """The job is still being tried."""


class JobRunning(Conflict):
    """The job is running."""
