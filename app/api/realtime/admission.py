"""Letting somebody in: who they are, where they come from, and what they missed."""

from collections.abc import AsyncGenerator, Sequence
from enum import Enum, auto
from typing import Final
from uuid import UUID

from starlette.requests import HTTPConnection

from app.api.cookies import is_ours
from app.api.realtime.hub import Close, Connection, Hub, Told, unkept, written
from app.bootstrap import Doors
from app.core.errors import AppError, Forbidden
from app.core.tokens import Claims
from app.domain.realtime import Admitted

ID: Final = len("00000000-0000-0000-0000-000000000000")
RESET: Final = unkept("reset", "{}")
"""Told who can't be told everything they missed: what they show must be fetched anew."""


class Coming(Enum):
    """How somebody comes: for the first time, from a frame they know, or from one that is gone."""

    NEW = auto()
    BACK = auto()
    LOST = auto()


class OriginNotAllowed(Forbidden):
    """Pages from there may not connect."""


def ensure_own(asking: HTTPConnection) -> None:
    """Refuse with OriginNotAllowed a browser that shows a page of somebody else's.

    A browser can't but name the origin; a program doesn't, and has no cookies of others.
    """
    origin = asking.headers.get("Origin")
    named = asking.state.doors.adapters.settings.cors_origins
    if origin is not None and "*" not in named and not is_ours(origin, asking):
        raise OriginNotAllowed


async def with_ticket(doors: Doors, secret: str) -> Admitted:
    return await doors.perform(lambda services: services.realtime_tickets.redeem(secret))


async def with_session(doors: Doors, claims: Claims) -> Admitted:
    async with doors.reading_now() as services:
        return await services.realtime_tickets.admit(await services.actor(claims))


async def resumed(doors: Doors, who: Admitted, last: str | None) -> tuple[int, Coming]:
    """Return the place from which to tell somebody, and how they come.

    `last` is the id of the last frame they got, and None for who has got none yet.
    """
    if not last:
        return who.position, Coming.NEW
    try:
        frame_id = UUID(last) if len(last) == ID else None
    except ValueError:
        frame_id = None
    if frame_id is None:
        return who.position, Coming.LOST
    async with doors.reading_now() as services:
        place = await services.realtime.place(frame_id, user_id=who.user_id)
    return (who.position, Coming.LOST) if place is None else (place, Coming.BACK)


async def batches(
    there: Connection, doors: Doors, coming: Coming, *, at_most: float | None = None
) -> AsyncGenerator[Sequence[Told]]:
    """Yield what is to be sent: first what was missed, then what happens, until it is ended."""
    if coming is Coming.LOST:
        yield (RESET,)
    async for batch in _missed(there, doors, is_known=coming is Coming.BACK):
        yield batch
    async for batch in there.batches(at_most):
        yield batch


async def _missed(
    there: Connection, doors: Doors, *, is_known: bool
) -> AsyncGenerator[Sequence[Told]]:
    """Yield what is told in the table alone; RESET, and no more, where some of it is gone.

    The old is deleted from the front, and meanwhile too: only of a frame that is still there (if
    `is_known`, there is one that was told) all that follow are. So each page begins with it.
    """
    after = there.since
    while after < there.until and there.code is None:
        try:
            async with doors.reading_now() as services:
                page = await services.realtime.missed(
                    there.user_id, after=after - is_known, until=there.until
                )
        except AppError:
            there.end(Close.TRY_AGAIN)
            return
        if is_known and (not page or page[0].position != after):
            yield (RESET,)
            return
        if not (missed := page[is_known:]):
            return
        yield [written(frame) for frame in missed]
        after, is_known = missed[-1].position, True


def hub_of(asking: HTTPConnection) -> Hub:
    hub: Hub = asking.state.hub
    return hub
