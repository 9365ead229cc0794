"""A socket is opened by a ticket, tells what is published, and ends with its session."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.factories.realtime import TYPING, closed, frame, frames, ids, numbers, serving


async def refused(opening, status, code):
    with pytest.raises(InvalidStatus) as told:
        async with opening:
            pass
    response = told.value.response
    assert response.status_code == status, response.body
    assert f'"code":"{code}"'.encode() in response.body
    assert response.headers["Content-Type"].startswith("application/problem+json")


async def test_who_is_connected_is_told_what_is_published(place, ada, bob):
    async with place.socket(ada) as hers, place.socket(bob) as his:
        await place.publish(1, ada, bob)
        await place.publish(2, bob)
        await place.publish(3, ada)

        at_hers, at_his = await frames(hers, 2), await frames(his, 2)
    assert [one["data"] for one in at_hers] == [{"n": 1}, {"n": 3}]
    assert [one["data"] for one in at_his] == [{"n": 1}, {"n": 2}]
    assert {one["type"] for one in at_hers} == {"message"}
    assert at_hers[0].keys() == {"id", "type", "data"}
    assert at_hers[0]["id"] == at_his[0]["id"]


async def test_what_happened_since_the_ticket_is_told_too(place, ada):
    await place.publish(1, ada)
    async with place.socket(ada) as first:
        await numbers(first, 0)
    ticket = await place.ticket(ada)
    await place.publish(2, ada)

    async with place.socket(ticket=ticket) as there:
        await place.publish(3, ada)
        told = await numbers(there, 2)

    assert told[-2:] == [2, 3]


async def test_who_was_cut_off_is_told_what_they_missed_once_and_in_order(place, ada, bob):
    async with place.socket(ada) as there:
        await place.publish(1, ada)
        last = (await frame(there))["id"]
    for number in range(2, 700):
        await place.publish(number, ada if number % 2 else bob)

    async with place.socket(ada, last=last) as there:
        await place.publish(700, ada)
        told = await numbers(there, 350)

    assert told == [*range(3, 700, 2), 700]


@pytest.mark.parametrize("last", ["0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e", "7", "x" * 300, "null"])
async def test_who_comes_from_what_nobody_knows_is_told_to_begin_anew(place, ada, last):
    async with place.socket(ada, last=last) as there:
        await place.publish(1, ada)
        first, second = await frames(there, 2)

    assert first == {"id": None, "type": "reset", "data": {}}
    assert second["data"] == {"n": 1}


async def test_a_frame_of_another_is_nowhere_to_come_from(place, ada, bob):
    async with place.socket(bob) as his:
        await place.publish(1, bob)
        (last,) = ids(await frames(his, 1))

    async with place.socket(ada, last=last) as there:
        assert (await frame(there))["type"] == "reset"


async def test_what_is_only_passed_on_is_told_to_who_is_there(place, ada):
    async with place.socket(ada) as there:
        await place.publish(1, ada, type_=TYPING)
        first = await frame(there)
        await place.publish(2, ada)
        last = (await frame(there))["id"]
    await place.publish(3, ada, type_=TYPING)
    await place.publish(4, ada)

    async with place.socket(ada, last=last) as there:
        told = await numbers(there, 1)

    assert first == {"id": None, "type": "typing", "data": {"n": 1}}
    assert told == [4]


async def test_a_ticket_opens_one_connection(place, ada):
    ticket = await place.ticket(ada)
    async with place.socket(ticket=ticket):
        await refused(place.socket(ticket=ticket), 401, "ticket-not-valid")


@pytest.mark.parametrize("ticket", ["", "guessed", "%00", "x" * 5000])
async def test_without_a_good_ticket_nobody_comes_in(place, ticket):
    await refused(place.socket(ticket=ticket), 401, "ticket-not-valid")


async def test_a_ticket_lapses(place, ada, clock):
    ticket = await place.ticket(ada)
    clock.forward(seconds=61)

    await refused(place.socket(ticket=ticket), 401, "ticket-not-valid")


async def test_a_ticket_ends_with_its_session(place, ada):
    ticket = await place.ticket(ada)
    await place.end_session(ada)

    await refused(place.socket(ticket=ticket), 401, "ticket-not-valid")


async def test_who_signs_out_is_cut(place, ada, bob):
    elsewhere = await place.member(ada.id)
    async with place.socket(ada) as hers, place.socket(elsewhere) as kept, place.socket(bob):
        await place.end_session(ada)

        assert await closed(hers) == 1008
        await place.publish(1, ada)
        assert await numbers(kept, 1) == [1]


async def test_who_was_shut_out_is_cut(place, ada):
    async with place.socket(ada) as there:
        await place.deactivate(ada)

        assert await closed(there) == 1008


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://127.0.0.1.evil.example"]
)
async def test_a_page_of_somebody_else_cannot_connect(place, ada, origin):
    ticket = await place.ticket(ada)

    await refused(place.socket(ticket=ticket, origin=origin), 403, "origin-not-allowed")
    async with place.socket(ticket=ticket, origin=f"http://127.0.0.1:{place.port}"):
        pass


async def test_one_may_have_so_many_connections(adapters, real_database):
    async with serving(adapters, real_database, most=3, most_of_user=2) as place:
        ada, bob = await place.member(), await place.member()
        async with place.socket(ada), place.socket(bob):
            async with place.socket(ada):
                await refused(place.socket(ada), 429, "too-many-connections")
                await refused(place.socket(bob), 503, "connection-limit-reached")
            async with asyncio.timeout(15):
                while len(place.hub._of[ada.id]) > 1:
                    await place.ticket(ada)
            async with place.socket(ada):
                pass


async def test_a_server_that_stops_says_so_and_who_comes_back_misses_nothing(
    adapters, real_database
):
    async with serving(adapters, real_database) as place:
        ada = await place.member()
        async with place.socket(ada) as there:
            await place.publish(1, ada)
            last = (await frame(there))["id"]
            place.server.should_exit = True
            assert await closed(there) == 1012
        await place.publish(2, ada)
    async with serving(adapters, real_database) as again, again.socket(ada, last=last) as there:
        assert await numbers(there, 1) == [2]
