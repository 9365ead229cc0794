"""Background and periodic jobs, in a process of their own."""

import asyncio

from app.bootstrap import open_doors
from app.cli.signals import ASKED
from app.core.config import Settings
from app.tasks.courier import carrying
from app.tasks.worker import run_worker


def work(settings: Settings) -> None:
    """Work until asked to end, then finish what was begun."""
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stopping = asyncio.Event()
    for number in ASKED:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with open_doors(settings) as doors, carrying(doors):
        await run_worker(doors, stopping=stopping)
