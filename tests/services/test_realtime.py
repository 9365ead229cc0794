"""What is published is told in one order to all, and nothing that was committed is missed."""

import asyncio

import orjson
import pytest
from sqlalchemy import bindparam, func, literal, select

from app.core.errors import Conflict
from app.core.statements import Command, Query
from app.domain.realtime import FrameType
from app.models import RealtimeFrames
from app.repositories import realtime as repository
from tests.factories.accounts import make_user
from tests.factories.clock import NOW
from tests.factories.races import until_somebody_waits

NOTICE, MESSAGE, TYPING = FrameType.NOTIFICATION, FrameType.MESSAGE, FrameType.TYPING
BY_ID = Query(
    select(RealtimeFrames.id)
    .where(RealtimeFrames.id > bindparam("after", type_=RealtimeFrames.id.type))
    .order_by(RealtimeFrames.id),
    lambda id_: id_,
)
ALL = Query(select(func.count()).select_from(RealtimeFrames), int)
NOTHING_LOCKED = Command(select(literal(1)))


def numbers(frames):
    return [orjson.loads(frame.data)["n"] for frame in frames]


async def publish(doors, number, to, type_=MESSAGE):
    async with doors.writing() as services:
        await services.realtime.publish(type_, {"n": number}, to=to)


async def order(doors):
    async with doors.writing() as services:
        return await services.realtime.order()


async def since(doors, position):
    async with doors.reading() as services:
        return await services.realtime.since(position)


@pytest.fixture
async def ada(real_doors):
    async with real_doors.database.transaction() as connection:
        return (await make_user(connection)).id


@pytest.fixture
async def someone(connection):
    return (await make_user(connection)).id


async def test_who_reads_up_to_a_frame_also_gets_what_was_committed_late(real_doors, ada):
    """The first to publish commits last: its id is smaller than one that was told before it."""
    async with real_doors.writing() as late:
        await late.realtime.publish(MESSAGE, {"n": 1}, to=[ada])
        await publish(real_doors, 2, [ada])
        assert await order(real_doors) == 1
        first = await since(real_doors, 0)
    await order(real_doors)

    then = await since(real_doors, first[-1].position)
    async with real_doors.database.read() as connection:
        by_id = await connection.all(BY_ID, after=first[-1].id)
    assert (numbers(first), numbers(then)) == ([2], [1])
    assert by_id == [], "the control: by their ids the late one is lost"


async def two_who_order(doors, ada):
    """The first gives a place and does not commit yet; return what the second does meanwhile."""
    await publish(doors, 1, [ada])
    slow = doors.database.transaction()
    async with slow:
        await repository.RealtimeRepository(slow).order(now=NOW, most=1)
        await publish(doors, 2, [ada])
        second = asyncio.create_task(order(doors))
        waiting = asyncio.create_task(until_somebody_waits(doors))
        await asyncio.wait({second, waiting}, return_when=asyncio.FIRST_COMPLETED)
        had_to_wait = not second.done()
        waiting.cancel()
        seen = await since(doors, 0)
    await second
    return had_to_wait, [*seen, *await since(doors, seen[-1].position if seen else 0)]


async def test_who_orders_waits_for_who_is_ordering(real_doors, ada):
    had_to_wait, told = await two_who_order(real_doors, ada)

    assert had_to_wait
    assert numbers(told) == [1, 2]


async def test_without_that_a_frame_is_lost(real_doors, ada, monkeypatch):
    monkeypatch.setattr(repository, "LOCK_ORDER", NOTHING_LOCKED)
    # Its own rows are locked by the first one: the second takes those that are left.
    monkeypatch.setattr(repository, "ORDER", LEFT)

    had_to_wait, told = await two_who_order(real_doors, ada)

    assert not had_to_wait
    assert numbers(told) == [2], "the control: the first one's place lies before what was told"


LEFT_WAITING = (
    select(RealtimeFrames.id)
    .where(RealtimeFrames.position.is_(None))
    .order_by(RealtimeFrames.arrived)
    .limit(repository.MOST)
    .with_for_update(skip_locked=True)
    .subquery("waiting")
)
LEFT_PLACED = select(
    LEFT_WAITING.c.id, repository.FramePositions.next_value().label("position")
).cte("placed")
LEFT = Command(
    RealtimeFrames.__table__.update()
    .where(RealtimeFrames.id == LEFT_PLACED.c.id)
    .values(position=LEFT_PLACED.c.position, ordered_at=repository.NOW)
)


async def test_what_is_not_committed_is_never_told(real_doors, ada):
    with pytest.raises(Conflict):
        async with real_doors.writing() as services:
            await services.realtime.publish(MESSAGE, {"n": 1}, to=[ada])
            raise Conflict
    await order(real_doors)

    assert await since(real_doors, 0) == []
    assert real_doors.adapters.outgoing.take() == ([], False, False)


async def test_a_commit_says_that_there_is_something(real_doors, ada):
    await publish(real_doors, 1, [ada])
    durable = real_doors.adapters.outgoing.take()
    await publish(real_doors, 2, [ada], TYPING)
    (passing,), published, _ = real_doors.adapters.outgoing.take()

    assert durable == ([], True, False)
    assert (orjson.loads(passing.data), passing.user_ids, published) == ({"n": 2}, (ada,), False)
    await order(real_doors)
    assert numbers(await since(real_doors, 0)) == [1], "what is only passed on is no row"


async def test_frames_of_one_transaction_are_told_as_they_were_published(doors, someone):
    async with doors.writing() as services:
        for number in range(5):
            await services.realtime.publish(MESSAGE, {"n": number}, to=[someone])
    await order(doors)

    frames = await since(doors, 0)
    assert numbers(frames) == list(range(5))
    assert [frame.position for frame in frames] == sorted({frame.position for frame in frames})


async def test_one_gets_what_is_theirs_and_not_what_they_have(doors, connection, someone):
    other = (await make_user(connection)).id
    for number, to in enumerate([[someone], [other], [someone, other], [someone, someone]]):
        await publish(doors, number, to)
    await order(doors)
    async with doors.reading() as services:
        theirs = await services.realtime.missed(
            someone, after=0, until=await services.realtime.last()
        )
        later = await services.realtime.missed(
            someone, after=theirs[0].position, until=theirs[1].position
        )
        foreign = await services.realtime.place(theirs[0].id, user_id=other)
        own = await services.realtime.place(theirs[0].id, user_id=someone)

    assert (numbers(theirs), numbers(later)) == ([0, 2, 3], [2])
    assert (foreign, own) == (None, theirs[0].position)


async def test_what_is_too_old_goes_from_the_front(doors, connection, clock, someone):
    await publish(doors, 1, [someone])
    await order(doors)
    clock.forward(minutes=50)
    await publish(doors, 2, [someone])
    await order(doors)
    clock.forward(minutes=11)
    async with doors.writing() as services:
        gone = [await services.realtime.forget_old() for _ in range(2)]

    assert gone == [1, 0]
    assert numbers(await since(doors, 0)) == [2]


@pytest.mark.parametrize("type_", [MESSAGE, TYPING])
async def test_what_is_too_long_or_for_nobody_is_no_frame(doors, connection, someone, type_):
    async with doors.writing() as services:
        with pytest.raises(ValueError, match="too many"):
            await services.realtime.publish(type_, {"text": "x" * 50_000}, to=[someone])
        await services.realtime.publish(type_, {"text": "nobody"}, to=[])

    assert await connection.first(ALL) == 0
    assert doors.adapters.outgoing.take() == ([], False, False)
