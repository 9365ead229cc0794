"""Whatever happens in between, and in whatever order: nothing is lost, and nothing told twice.

Several publish, some of them slowly; two processes tell; people lose the line, come back to either
from the last frame they got, or don't read; what is old is forgotten. Each of them is told all that
was theirs since they began, in the one order, or that they must begin anew.
"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.api.realtime import admission, hub
from app.bootstrap import Doors, Services
from app.core.database import Database, open_pool
from app.domain.realtime import FrameType
from app.services import realtime as service
from tests.conftest import EMPTYING
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW, Clock
from tests.factories.listeners import Listener, Process

PEOPLE = 3
WHO = st.integers(0, PEOPLE - 1)
SOME = st.sets(WHO, min_size=1)
WHERE = st.integers(0, 1)
KEPT = timedelta(seconds=61)


class World:
    """A database, two processes on it, and people; what is told of it is checked against a log."""

    def __init__(self, doors: Doors, clock: Clock) -> None:
        self.doors, self.clock = doors, clock
        self.processes = [Process(doors) for _ in range(2)]
        self.people: list[Listener] = []
        self.log: list[tuple[int, str, set[UUID]]] = []
        self.read_to = self.kept_from = 0
        self.slow: list[tuple[AsyncExitStack, Services]] = []
        self.number = 0

    async def open(self) -> None:
        async with self.doors.database.transaction() as connection:
            users = [await make_user(connection) for _ in range(PEOPLE)]
            for user in users:
                headers = await sign_in(connection, self.doors.adapters, user_id=user.id)
                claims = self.doors.adapters.tokens.verify(headers["Authorization"][7:])
                self.people.append(
                    Listener(await Services(connection, self.doors.adapters).actor(claims))
                )
        await self.processes[0].order()
        async with self.doors.reading_now() as services:
            self.read_to = await services.realtime.last()
        for process in self.processes:
            await process.read()

    async def close(self) -> None:
        for listener in self.people:
            await listener.lose_the_line()
        while self.slow:
            await self.commit_slow(0)

    async def _publish(self, services: Services, to: set[int]) -> None:
        self.number += 1
        ids = [self.people[who].actor.user_id for who in to]
        await services.realtime.publish(FrameType.MESSAGE, {"n": self.number}, to=ids)

    async def publish(self, to: set[int]) -> None:
        async with self.doors.writing() as services:
            await self._publish(services, to)

    async def publish_slowly(self, to: set[int]) -> None:
        """Publish in a transaction that is not committed yet."""
        stack = AsyncExitStack()
        services = await stack.enter_async_context(self.doors.writing())
        await self._publish(services, to)
        self.slow.append((stack, services))

    async def commit_slow(self, place: int) -> None:
        stack, _ = self.slow.pop(place % len(self.slow))
        await stack.aclose()

    async def connect(self, who: int, where: int) -> None:
        await self.people[who].connect(self.processes[where], self.read_to)

    async def order(self, where: int) -> None:
        await self.processes[where].order()
        async with self.doors.reading_now() as services:
            while frames := await services.realtime.since(self.read_to):
                for frame in frames:
                    self.log.append((frame.position, str(frame.id), set(frame.user_ids)))
                self.read_to = frames[-1].position

    async def grow_old(self) -> None:
        """Let time go by, in which the processes go on reading."""
        for _ in range(3):
            self.clock.now += KEPT / 3
            for process in self.processes:
                await process.read()

    async def forget(self) -> None:
        """Delete some of what is old, and note what is left."""
        async with self.doors.writing() as services:
            await services.realtime.forget_old()
        async with self.doors.reading_now() as services:
            left = await services.realtime.since(0)
        self.kept_from = left[0].position if left else self.read_to + 1

    async def ensure(self) -> None:
        for listener in self.people:
            told = [frame["id"] for frame in listener.told]
            assert told == self._theirs(listener)[: len(told)]
            if listener.is_lost and listener.came_from is not None:
                assert self._place(listener.came_from) < self.kept_from, "it could be told"

    async def ensure_all_is_told(self) -> None:
        while self.slow:
            await self.commit_slow(0)
        await self.order(0)
        for process in self.processes:
            await process.read()
        for number, listener in enumerate(self.people):
            listener.read_on()
            await listener.lose_the_line()
            await self.connect(number, number % 2)
            await listener.settle()
            assert listener.is_connected
            assert [frame["id"] for frame in listener.told] == self._theirs(listener)

    def _theirs(self, listener: Listener) -> list[str]:
        own = listener.actor.user_id
        return [id_ for at, id_, to in self.log if at > listener.begun_at and own in to]

    def _place(self, id_: str) -> int:
        return next(position for position, known, _ in self.log if known == id_)


def resuming(runner: asyncio.Runner, doors: Doors, clock: Clock) -> type[RuleBasedStateMachine]:
    class Resuming(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            clock.now = NOW
            self.world = World(doors, clock)
            runner.run(self.world.open())

        def teardown(self) -> None:
            try:
                runner.run(self.world.ensure_all_is_told())
            finally:
                runner.run(self.world.close())

        @rule(to=SOME)
        def publish(self, to: set[int]) -> None:
            runner.run(self.world.publish(to))

        @precondition(lambda self: len(self.world.slow) < 3)
        @rule(to=SOME)
        def publish_slowly(self, to: set[int]) -> None:
            runner.run(self.world.publish_slowly(to))

        @precondition(lambda self: self.world.slow)
        @rule(place=st.integers(0, 2))
        def commit_what_was_slow(self, place: int) -> None:
            runner.run(self.world.commit_slow(place))

        @rule(where=WHERE)
        def give_places(self, where: int) -> None:
            runner.run(self.world.order(where))

        @rule(where=WHERE)
        def tell_what_has_a_place(self, where: int) -> None:
            runner.run(self.world.processes[where].read())

        @rule(who=WHO, where=WHERE, at_once=st.booleans())
        def come(self, who: int, where: int, at_once: bool) -> None:
            if not self.world.people[who].is_connected:
                runner.run(self._come(who, where, at_once=at_once))

        async def _come(self, who: int, where: int, *, at_once: bool) -> None:
            listener = self.world.people[who]
            await listener.lose_the_line()
            await self.world.connect(who, where)
            if at_once:
                await listener.settle()

        @rule(who=WHO, on_its_way=st.integers(0, 3))
        def lose_the_line(self, who: int, on_its_way: int) -> None:
            runner.run(self.world.people[who].lose_the_line(on_its_way))

        @rule(who=WHO)
        def stop_reading(self, who: int) -> None:
            self.world.people[who].stop_reading()

        @rule(who=WHO)
        def read_on(self, who: int) -> None:
            self.world.people[who].read_on()

        @rule()
        def forget_what_is_old(self) -> None:
            runner.run(self.world.forget())

        @rule()
        def grow_old(self) -> None:
            runner.run(self.world.grow_old())

        @rule()
        def hear_nothing_for_long(self) -> None:
            clock.now += KEPT

        @invariant()
        def nobody_was_told_what_is_not_theirs_next(self) -> None:
            runner.run(self.world.ensure())

    return Resuming


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every bound be near."""
    monkeypatch.setattr(service, "READ_AT_ONCE", 2)
    monkeypatch.setattr(service, "ORDERED_AT_ONCE", 2)
    monkeypatch.setattr(service, "FORGOTTEN_AT_ONCE", 3)
    monkeypatch.setattr(hub, "MOST_FRAMES", 4)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def real(runner: asyncio.Runner, url: str, adapters: Any) -> Iterator[Doors]:
    """Doors to a database whose commits are real, in a loop that the machine runs by itself."""
    pool = runner.run(open_pool(url, size=12))
    settings = adapters.settings.model_copy(update={"realtime_keep_seconds": 60})
    yield Doors(Database(pool), replace(adapters, settings=settings))
    runner.run(emptied(pool))


async def emptied(pool: Any) -> None:
    async with pool.acquire() as raw:
        await raw.execute("SET session_replication_role = replica")
        await raw.execute(await raw.fetchval(EMPTYING))
    await pool.close()


def test_nothing_is_lost_and_nothing_told_twice(small, runner, real, clock):
    machine = resuming(runner, real, clock)

    machine.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
    machine.TestCase().runTest()


async def come_to_who_is_behind(world: World) -> None:
    """Told by one process, and back at another that has not read so far."""
    ada, (quick, slow) = world.people[0], world.processes
    await world.connect(0, 0)
    await world.publish({0})
    await world.order(0)
    await quick.read()
    await ada.settle()
    await ada.lose_the_line()
    await world.connect(0, 1)
    await ada.settle()
    await slow.read()
    await world.ensure()


async def forget_what_is_being_told(world: World) -> None:
    """What was missed is told page by page, to who reads slowly, and is forgotten meanwhile."""
    ada, process = world.people[0], world.processes[0]
    await world.connect(0, 0)
    for _ in range(6):
        await world.publish({0})
    await world.order(0)
    await process.read()
    await ada.settle()
    await ada.lose_the_line(on_its_way=5)
    await world.grow_old()
    await world.connect(0, 0)
    await ada.read_one()
    await world.forget()
    await world.forget()
    ada.read_on()
    await ada.settle()
    await world.publish({0})
    await world.order(0)
    await process.read()
    await ada.settle()
    await world.ensure()


async def read_too_late(world: World) -> None:
    """A process could not read for so long that what it would have told is forgotten."""
    ada, process = world.people[0], world.processes[0]
    await world.connect(0, 0)
    await world.publish({0})
    await world.order(0)
    await process.read()
    await ada.settle()
    await world.publish({0})
    await world.order(1)
    world.clock.now += KEPT
    await world.forget()
    await world.publish({0})
    await world.order(1)
    await process.read()
    await ada.settle()
    await world.ensure()


async def not_looking(there: Any, doors: Doors, *, is_known: bool) -> Any:
    after = there.since
    while after < there.until and there.code is None:
        async with doors.reading_now() as services:
            page = await services.realtime.missed(there.user_id, after=after, until=there.until)
        if not page:
            return
        yield [hub.written(frame) for frame in page]
        after = page[-1].position


GUARDS = [
    (come_to_who_is_behind, (hub.Connection, "tell", lambda self, _, told: self.put(told))),
    (forget_what_is_being_told, (admission, "_missed", not_looking)),
    (read_too_late, (hub.Hub, "begin_anew", lambda self, position: None)),
]
NAMES = [scenario.__name__ for scenario, _ in GUARDS]


def play(scenario: Any, runner: asyncio.Runner, doors: Doors, clock: Clock) -> None:
    async def played() -> None:
        clock.now = NOW
        world = World(doors, clock)
        await world.open()
        try:
            await scenario(world)
            await world.ensure_all_is_told()
        finally:
            await world.close()

    runner.run(played())


@pytest.mark.parametrize(("scenario", "_"), GUARDS, ids=NAMES)
def test_it_holds_where_it_is_hardest(small, runner, real, clock, scenario, _):
    play(scenario, runner, real, clock)


@pytest.mark.parametrize(("scenario", "guard"), GUARDS, ids=NAMES)
def test_without_its_guard_it_does_not(small, runner, real, clock, scenario, guard, monkeypatch):
    monkeypatch.setattr(*guard)

    with pytest.raises(AssertionError):
        play(scenario, runner, real, clock)
