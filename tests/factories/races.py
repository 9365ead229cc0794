"""Making things happen at once."""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import TypeVar

from sqlalchemy import String, column, exists, func, literal, select, table

from app.bootstrap import Doors
from app.core.statements import Query

Result = TypeVar("Result")
ONE = Query(select(literal(1)), int)
MOST = 20
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


async def until_somebody_waits(doors: Doors) -> None:
    """Return once a statement waits for what another transaction has locked."""
    async with asyncio.timeout(5), doors.database.read() as connection:
        while not await connection.first(IS_SOMEBODY_WAITING):
            pass
