"""Telling users at once what happened, and later those who were away."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

import orjson

from app.core.clock import Clock
from app.core.ids import new_id
from app.domain.realtime import LONGEST_DATA, LONGEST_PASSING, PASSING, Frame, FrameType, Passing
from app.integrations.realtime.protocol import Outgoing
from app.repositories.realtime import RealtimeRepository

ORDERED_AT_ONCE: Final = 1_000
READ_AT_ONCE: Final = 500
FORGOTTEN_AT_ONCE: Final = 5_000


class RealtimeService:
    """What is published is told when the transaction is committed, and not if it isn't."""

    def __init__(
        self, frames: RealtimeRepository, outgoing: Outgoing, clock: Clock, *, kept: timedelta
    ) -> None:
        self.frames = frames
        self.outgoing = outgoing
        self.clock = clock
        self.kept = kept
        self._passing: list[Passing] = []
        self._is_published = self._is_ended = False

    async def publish(
        self, type_: FrameType, data: Mapping[str, object], *, to: Iterable[UUID]
    ) -> None:
        """Tell these users, wherever they are connected, each once.

        Who is away is told when they come back within `kept`, except of what is only passed on:
        typing and presence. `data` is what JSON can say, and ids and aware instants.
        """
        user_ids = tuple(sorted({UUID(int=user_id.int) for user_id in to}))
        written = orjson.dumps(dict(data), _plain, orjson.OPT_UTC_Z)
        longest = LONGEST_PASSING if type_ in PASSING else LONGEST_DATA
        if len(written) > longest:
            raise ValueError(f"{len(written)} bytes are too many for a frame of {type_}")
        if not user_ids:
            return
        if type_ in PASSING:
            self._passing.append(Passing(type_, written.decode(), user_ids))
        else:
            await self.frames.add(new_id(), type_, written.decode(), user_ids)
            self._is_published = True

    def hand_on(self) -> None:
        """Once it is committed: let this process's courier tell the others."""
        if self._passing or self._is_published or self._is_ended:
            self.outgoing.add(
                self._passing, is_published=self._is_published, is_ended=self._is_ended
            )
        self._passing, self._is_published, self._is_ended = [], False, False

    def end_connections(self) -> None:
        """Once it is committed: let all who are connected be asked whether they still may be."""
        self._is_ended = True

    async def order(self) -> int:
        """Give their places to some frames that have none yet; return to how many, 0 to none.

        In a transaction of its own, after those that published: what is ordered was committed.
        """
        return await self.frames.order(now=self.clock(), most=ORDERED_AT_ONCE)

    async def since(self, position: int) -> Sequence[Frame]:
        """Return the next frames of everybody after a place, in their order; none at the end."""
        return await self.frames.since(position, most=READ_AT_ONCE)

    async def missed(self, user_id: UUID, *, after: int, until: int) -> Sequence[Frame]:
        """Return the next frames of one user between two places, in their order."""
        return await self.frames.of_user(user_id, after=after, until=until, most=READ_AT_ONCE)

    async def place(self, frame_id: UUID, *, user_id: UUID) -> int | None:
        """Return the place of a frame that this user was told; None if it isn't kept any more."""
        return await self.frames.place(frame_id, user_id=user_id)

    async def last(self) -> int:
        """Return the place of the newest frame."""
        return await self.frames.last()

    async def forget_old(self) -> int:
        """Delete some of what nobody can resume from any more; return how many, 0 when all is."""
        return await self.frames.forget(before=self.clock() - self.kept, most=FORGOTTEN_AT_ONCE)


def _plain(value: object) -> str:
    """An id read by asyncpg is of its own subclass of UUID, which orjson doesn't know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{value!r} has no place in JSON")
