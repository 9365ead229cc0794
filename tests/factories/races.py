"""Making things happen at once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from sqlalchemy import String, column, exists, func, literal, select, table

from app.bootstrap import Doors
from app.core.statements import Query

Result = TypeVar("Result")
ONE = Query(select(literal(1)), int)
MOST = 20
SOON = 15.0  # seconds; more is a failure
ACTIVITY = table("pg_stat_activity", column("datname", String), column("wait_event_type", String))
IS_SOMEBODY_WAITING = Query(
    select(
        exists().where(
            ACTIVITY.c.datname == func.current_database(), ACTIVITY.c.wait_event_type == "Lock"
        )
    ),
    bool,
)


async def at_once(doors: Doors, *calls: Awaitable[Result]) -> list[Result]:
    """Start all the calls together, on connections that are already there.

    A new connection takes longer than a request, so that without this they would come in turn.
    """
    async with AsyncExitStack() as stack:
        for _ in range(min(len(calls), MOST)):
            connection = await stack.enter_async_context(doors.database.read())
            await connection.first(ONE)
    return await asyncio.gather(*calls)


def meeting(
    method: Callable[..., Awaitable[Result]], parties: int = 2
) -> Callable[..., Awaitable[Result]]:
    """Return a method before which the first callers wait until so many of them are there.

    What they have seen by then, none of them has changed: a race that is certain.
    """
    met, arrived = asyncio.Barrier(parties), []

    async def together(*given: Any, **named: Any) -> Result:
        arrived.append(given)
        if len(arrived) <= parties:
            await asyncio.wait_for(met.wait(), SOON)
        return await method(*given, **named)

    return together


async def until_somebody_waits(doors: Doors) -> None:
    """Return once a statement waits for what another transaction has locked."""
    async with asyncio.timeout(SOON), doors.database.read() as connection:
        while not await connection.first(IS_SOMEBODY_WAITING):
            pass
