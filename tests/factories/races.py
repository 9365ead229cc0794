"""Making things happen at once."""

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from typing import TypeVar

from sqlalchemy import literal, select

from app.bootstrap import Doors
from app.core.statements import Query

Result = TypeVar("Result")
ONE = Query(select(literal(1)), int)
MOST = 20


async def at_once(doors: Doors, *calls: Awaitable[Result]) -> list[Result]:
    """Start all the calls together, on connections that are already there.

    A new connection takes longer than a request, so that without this they would come in turn.
    """
    async with AsyncExitStack() as stack:
        for _ in range(min(len(calls), MOST)):
            connection = await stack.enter_async_context(doors.database.read())
            await connection.first(ONE)
    return await asyncio.gather(*calls)
