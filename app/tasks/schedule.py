"""What is done from time to time: once for all workers, and right away after a downtime.

`@every("*/5 * * * *")` makes `async def expire(services)` periodic: one call to a service, in a
transaction of its own. One that returns how much it did is called again until that is nothing,
so that a service may work in small batches.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from pgqueuer.models import Schedule
from structlog.contextvars import bound_contextvars

from app.bootstrap import Doors, Services
from app.tasks.delivery import Delivery
from app.tasks.failures import told

LONGEST: Final = timedelta(minutes=10)

log = structlog.get_logger(__name__)

UseCase = Callable[[Services], Awaitable[int | None]]


@dataclass(frozen=True, slots=True)
class Periodic:
    """What to do, and when: five fields of cron, in UTC."""

    use_case: UseCase
    expression: str

    @property
    def name(self) -> str:
        return self.use_case.__name__


SCHEDULE: Final[list[Periodic]] = []


def every(expression: str) -> Callable[[UseCase], UseCase]:
    """Do the decorated use case periodically."""

    def register(use_case: UseCase) -> UseCase:
        SCHEDULE.append(Periodic(use_case, expression))
        return use_case

    return register


async def run_periodic(periodic: Periodic, doors: Doors, delivery: Delivery, _: Schedule) -> None:
    """Do it until there is nothing left; a failure is logged, and next time is soon enough."""
    with bound_contextvars(periodic=periodic.name):
        try:
            async with delivery.limited(LONGEST):
                total = 0
                while done := await doors.perform(periodic.use_case):
                    total += done
            log.log(logging.INFO if total else logging.DEBUG, "periodic_done", total=total)
        except Exception as error:
            log.error("periodic_failed", failure=told(error))
