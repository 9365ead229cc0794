"""A worker that is killed by one of its jobs, and started again each time: `poison.py URL`.

Prints how often it was killed before the queue was settled.
"""

import asyncio
import os
import sys

from pydantic import SecretStr

from app.bootstrap import open_doors
from app.core.config import Settings
from app.core.messages import Message
from app.tasks.registry import handles
from tests.tasks.bells import Rang, settled, working


class Poison(Rang):
    """What nobody survives."""


async def work(url: str) -> None:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        secret_key=SecretStr("a secret of the tests, long enough for anything"),
        database_url=SecretStr(url),
    )
    async with open_doors(settings) as doors, working(doors, silence=0.2):
        await settled(doors)


def main(url: str) -> None:
    @handles(Poison)
    async def die(message: Message, services: object) -> None:
        await asyncio.sleep(0.05)
        os._exit(9)

    @handles(Rang)
    async def survive(message: Message, services: object) -> None:
        await asyncio.sleep(0.1)  # so that it is running when its neighbour ends everything

    deaths = 0
    while os.waitstatus_to_exitcode(os.waitpid(start(url), 0)[1]):
        deaths += 1
    sys.stdout.write(f"{deaths}\n")


def start(url: str) -> int:
    """Return the id of a new process that works; importing all of it again would take longer."""
    if child := os.fork():
        return child
    asyncio.run(work(url))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
