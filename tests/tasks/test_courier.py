"""Several processes tell the same in the same order, and what nobody told them of they find."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from app.bootstrap import Services
from app.integrations.realtime.postgres import PostgresBus
from app.integrations.realtime.redis import RedisBus
from tests.factories.realtime import MESSAGE, TYPING, frame, frames, ids, numbers, serving
from tests.factories.redis import small_redis


class Mute(PostgresBus):
    """A line on which nothing is heard, as behind a pooler, or when it is half open."""

    def __init__(self):
        pass

    async def say(self, words):
        pass

    async def listen(self):
        yield None
        await asyncio.Event().wait()


@pytest.fixture(params=["postgres", "redis"])
async def two(request, adapters, real_database):
    async with AsyncExitStack() as stack:
        address, _ = await stack.enter_async_context(small_redis())
        buses = [RedisBus(address) if request.param == "redis" else None for _ in range(2)]
        yield [
            await stack.enter_async_context(serving(adapters, real_database, bus=bus))
            for bus in buses
        ]


async def test_two_processes_tell_all_of_a_room_the_same_in_the_same_order(two):
    people = [await two[0].member() for _ in range(3)]
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(place.socket(member))
            for place in two
            for member in people
        ]
        await asyncio.gather(*(two[number % 2].publish(number, *people) for number in range(60)))
        told = [await frames(socket, 60) for socket in sockets]

    assert sorted(one["data"]["n"] for one in told[0]) == list(range(60))
    assert {tuple(ids(each)) for each in told} == {tuple(ids(told[0]))}


async def test_what_is_passed_on_reaches_the_other_process_once(two):
    here, there = two
    ada = await here.member()
    async with here.socket(ada) as near, there.socket(ada) as far:
        await here.publish(1, ada, type_=TYPING)
        told = [await frame(socket) for socket in (near, far)]
        await here.publish(2, ada)
        then = [await numbers(socket, 1) for socket in (near, far)]

    assert told == [{"id": None, "type": "typing", "data": {"n": 1}}] * 2
    assert then == [[2], [2]]


async def test_what_no_word_came_of_is_found_within_five_seconds(adapters, real_database):
    async with (
        serving(adapters, real_database, bus=Mute()) as here,
        serving(adapters, real_database, bus=Mute()) as there,
    ):
        ada = await here.member()
        async with there.socket(ada) as socket:
            await here.publish(1, ada)
            published = time.monotonic()
            assert await numbers(socket, 1) == [1]

    assert time.monotonic() - published < 5


async def test_what_a_process_left_without_a_word_is_found(adapters, real_database):
    """It committed, and died before its courier looked: nothing is ordered yet."""
    async with serving(adapters, real_database) as place:
        ada = await place.member()
        async with place.socket(ada) as socket:
            async with place.doors.database.transaction() as connection:
                services = Services(connection, place.doors.adapters)
                await services.realtime.publish(MESSAGE, {"n": 7}, to=[ada.id])
            assert place.doors.adapters.outgoing.take() == ([], False, False)
            assert await numbers(socket, 1) == [7]


@pytest.mark.parametrize("cuts", [[1], [3, 1, 4], [6, 1, 1, 5, 2, 6]])
async def test_however_often_it_is_cut_nothing_is_lost_and_nothing_is_doubled(two, cuts):
    """Read some, lose the line, come back to the other process: all of it, once, in order."""
    ada = await two[0].member()
    ticket, last, told = await two[0].ticket(ada), None, []
    total = sum(cuts) + len(cuts)
    for number in range(total):
        await two[number % 2].publish(number, ada)
    for turn, count in enumerate([*cuts, total]):
        place = two[turn % 2]
        opened = ticket if turn == 0 else await place.ticket(ada)
        async with place.socket(ticket=opened, last=last) as socket:
            wanted = min(count, total - len(told))
            got = await frames(socket, wanted)
        told += [one["data"]["n"] for one in got]
        last = got[-1]["id"] if got else last
    assert told == list(range(total))
