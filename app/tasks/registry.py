"""Which tasks a message starts.

`@handles(BookingMade)` makes `async def thank(message, services)` a task: one call to a service,
in a transaction of its own, safe to run twice. A module of this package is found by itself.

Of a message with several tasks the worker makes one job for each, so that each is tried again,
and dies, without the others. Call `deliver(doors, message)` (in `delivery`) to run a message's
tasks here and now; tests run all that is due with `deliver_all(doors)` of `tests.factories.jobs`.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final, TypeVar

from app import tasks
from app.bootstrap import Services
from app.core.messages import Message

M = TypeVar("M", bound=Message)
Handler = Callable[[M, Services], Awaitable[None]]

MOST_ATTEMPTS: Final = 8  # over some three hours
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Task:
    """A handler, how often it is tried, how soon after its first failure, and for how long."""

    handler: Handler[Any]
    attempts: int = MOST_ATTEMPTS
    pause: timedelta = FIRST_PAUSE
    within: timedelta = LONGEST

    @property
    def name(self) -> str:
        return self.handler.__name__


TASKS: Final[defaultdict[type[Message], list[Task]]] = defaultdict(list)


def handles(
    message: type[M],
    *,
    attempts: int = MOST_ATTEMPTS,
    pause: timedelta = FIRST_PAUSE,
    within: timedelta = LONGEST,
) -> Callable[[Handler[M]], Handler[M]]:
    """Start the decorated task with every such message; a message may start several."""

    def register(handler: Handler[M]) -> Handler[M]:
        TASKS[message].append(Task(handler, attempts, pause, within))
        return handler

    return register


@cache
def load() -> None:
    """Import every module of this package, so that all tasks are registered."""
    for module in iter_modules(tasks.__path__, f"{tasks.__name__}."):
        import_module(module.name)


def tasks_of(message: type[Message]) -> list[Task]:
    load()
    return TASKS.get(message, [])


def entrypoints() -> Iterator[tuple[str, list[Task]]]:
    """Yield what a job can be: a message with all its tasks, or with one, as `Message:task`."""
    load()
    for name, message in list(Message.known.items()):
        tasks = tasks_of(message)
        yield name, tasks or [Task(ignore)]
        for task in tasks:
            yield part(name, task), [task]


def part(entrypoint: str, task: Task) -> str:
    """Name the job that runs one task of a message."""
    return f"{entrypoint}:{task.name}"


async def ignore(message: Message, services: Services) -> None:
    """Do nothing: nobody cares about this message yet."""
