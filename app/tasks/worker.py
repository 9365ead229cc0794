"""The worker: takes jobs out of the queue, and does what is due by the clock.

`run_worker(doors, stopping=event)` runs until the event is set, alone or beside the API in one
loop. It needs no database to start, and comes back by itself when one was away.
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog
from pgqueuer import PgQueuer

from app.bootstrap import Doors
from app.core.errors import DatabaseUnavailable
from app.tasks.delivery import Delivery
from app.tasks.failures import told
from app.tasks.queue import open_queue
from app.tasks.registry import entrypoints
from app.tasks.schedule import SCHEDULE, run_periodic

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a worker goes about it, in seconds.

    It `looks` for jobs so often: nothing tells it that there are some (see
    docs/decisions/0010-the-queue-is-polled.md). A job whose worker has been silent for
    `silence` is taken from it. When it is told to stop, what runs has `grace` to end, then
    `parting` to be given back; together less than the ten seconds `docker stop` waits.
    """

    looks: float = 0.5
    silence: float = 30.0
    grace: float = 7.0
    parting: float = 1.5
    at_once: int = 4

    def settings(self) -> dict[str, Any]:
        """Return this in the words of PgQueuer's `run`."""
        return {
            "dequeue_timeout": timedelta(seconds=self.looks),
            "heartbeat_timeout": timedelta(seconds=self.silence),
            "batch_size": self.at_once // 2,
            "max_concurrent_tasks": self.at_once,
            "log_aggregation_interval": timedelta(0),  # nothing reads the statistics
        }


AT_EASE: Final = Pace()


async def run_worker(doors: Doors, *, stopping: asyncio.Event, pace: Pace = AT_EASE) -> None:
    """Work until `stopping` is set; then end what is running, or give it back."""
    outage = Outage()
    while not stopping.is_set():
        try:
            async with doors.database.lend() as connection:
                queue, delivery = open_queue(connection), Delivery(doors)
                register(queue, doors, delivery)
                await queue.qm.verify_structure()
                outage.over()
                await work(queue, delivery, pace, until=(stopping, lost(connection)))
                if not stopping.is_set():
                    raise DatabaseUnavailable
        except Exception as error:
            await outage.sit_out(error, stopping)
    log.info("worker_stopped")


def register(queue: PgQueuer, doors: Doors, delivery: Delivery) -> None:
    """Tell PgQueuer what there is to do; a job that failed for good is kept."""
    for name, tasks in entrypoints():
        queue.entrypoint(name, on_failure="hold")(partial(delivery.run, tasks))
    for periodic in SCHEDULE:
        run = partial(run_periodic, periodic, doors, delivery)
        queue.schedule(periodic.name, periodic.expression)(run)


def lost(connection: Any) -> asyncio.Event:
    """Return an event that is set when the connection has ended."""
    event = asyncio.Event()
    connection.add_termination_listener(lambda *_: event.set())
    return event


async def work(
    queue: PgQueuer, delivery: Delivery, pace: Pace, *, until: Sequence[asyncio.Event]
) -> None:
    """Run jobs until one of the events; return when none is running any more."""
    working = asyncio.create_task(queue.run(**pace.settings()))
    events = [asyncio.create_task(event.wait()) for event in until]
    try:
        await asyncio.wait({working, *events}, return_when=asyncio.FIRST_COMPLETED)
        queue.shutdown.set()
        await asyncio.wait({working}, timeout=pace.grace)
    finally:  # in some haste if we were cancelled
        queue.shutdown.set()
        delivery.give_back()
        await asyncio.wait({working}, timeout=pace.parting)
        for task in (working, *events):
            task.cancel()
        await asyncio.wait({working, *events})
    if not working.cancelled():
        working.result()


class Outage:
    """A time without the queue: told of once, and sat out with longer and longer pauses."""

    def __init__(self) -> None:
        self._pause, self._known = FIRST_PAUSE, ""

    def over(self) -> None:
        log.info("worker_ready")
        self._pause, self._known = FIRST_PAUSE, ""

    async def sit_out(self, error: Exception, stopping: asyncio.Event) -> None:
        failure = told(error)
        if failure != self._known:
            log.warning("worker_waits", failure=failure)
        self._known = failure
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause * random.uniform(0.5, 1)):
                await stopping.wait()
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
