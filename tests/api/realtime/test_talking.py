"""Those who talk see at once what the other does; nobody else sees anything."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest

from app.domain.roles import Role
from tests.factories.accounts import make_user
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.realtime import Member, closed, frame, frames
from tests.factories.talks import history, open_talk, say


@dataclass
class Two:
    customer: Member
    seller: Member
    client: httpx.AsyncClient
    talk: dict[str, Any]


@pytest.fixture
async def two(place):
    async with place.doors.database.transaction() as connection:
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        user = await make_user(connection)
        booking = await make_booking(connection, user.id, offering, provider, starts_at=at(60))
    customer, seller = await place.member(user.id), await place.member(provider.user_id)
    async with httpx.AsyncClient(base_url=place.base) as client:
        talk = await open_talk(client, customer.headers, booking_id=str(booking.id))
        yield Two(customer, seller, client, talk)


async def nothing_but(there, place, member):
    """Return what stands before a mark that is told last."""
    await place.publish(0, member)
    told = []
    while (one := await frame(there))["data"] != {"n": 0}:
        told.append(one)
    return told


async def speak(there, type_, **data):
    await there.send(orjson.dumps({"type": type_, "data": data}).decode())


async def test_both_are_told_of_each_message_as_it_is_read(place, two, bob):
    async with AsyncExitStack() as stack:
        hers, his, others = [
            await stack.enter_async_context(place.socket(one))
            for one in (two.customer, two.seller, bob)
        ]
        said = await say(two.client, two.customer.headers, two.talk, "Hello", client_id="c-1")
        path = f"/conversations/{two.talk['id']}/messages/{said['id']}"
        edit = {"text": "Hello!"}
        edited = await two.client.patch(path, headers=two.customer.headers, json=edit)
        await two.client.delete(path, headers=two.customer.headers)

        told = [await of_type(there, "message", 3) for there in (hers, his)]
        (gone,) = await history(two.client, two.seller.headers, two.talk)
        assert told[0] == told[1]
        assert [one["data"] for one in told[0]] == [said, edited.json(), gone]
        assert await nothing_but(others, place, bob) == []


async def of_type(there, type_, count):
    found = []
    while len(found) < count:
        one = await frame(there)
        found += [one] if one["type"] == type_ else []
    return found


async def test_who_was_away_is_told_what_they_missed(place, two):
    async with place.socket(two.seller) as there:
        await say(two.client, two.customer.headers, two.talk, "1")
        ((first,)) = await of_type(there, "message", 1)
    for number in range(2, 5):
        await say(two.client, two.customer.headers, two.talk, f"{number}")

    async with place.socket(two.seller, last=first["id"]) as there:
        told = await of_type(there, "message", 3)

    assert [one["data"]["text"] for one in told] == ["2", "3", "4"]


async def test_what_is_sent_again_is_told_once_and_in_the_order_it_was_first_heard(place, two):
    """A resend may come late, at the same moment as the first, or with another text."""
    async with place.socket(two.seller) as there:
        await asyncio.gather(
            *(say(two.client, two.customer.headers, two.talk, "1", client_id="c-1") for _ in "ab")
        )
        await say(two.client, two.customer.headers, two.talk, "2", client_id="c-2")
        await say(two.client, two.customer.headers, two.talk, "1", client_id="c-1")
        await say(two.client, two.seller.headers, two.talk, "3", client_id="c-1")

        told = await nothing_but(there, place, two.seller)

    said = [
        (one["data"]["text"], one["data"]["client_id"]) for one in told if "text" in one["data"]
    ]
    assert said == [("1", "c-1"), ("2", "c-2"), ("3", "c-1")], "an id is its sender's own"


async def test_reading_is_told_once_it_moves(place, two):
    await say(two.client, two.customer.headers, two.talk, "Hello")
    async with place.socket(two.customer) as there:
        for _ in range(2):
            path = f"/conversations/{two.talk['id']}/read"
            await two.client.post(path, headers=two.seller.headers)

        (told,) = await nothing_but(there, place, two.customer)

    assert (told["type"], told["data"]) == (
        "read",
        {
            "conversation_id": two.talk["id"],
            "user_id": str(two.seller.id),
            "role": "provider",
            "read_seq": 1,
        },
    )


async def test_typing_is_told_the_other_and_no_stranger_can_say_it(place, two, bob):
    async with AsyncExitStack() as stack:
        hers, his, others = [
            await stack.enter_async_context(place.socket(one))
            for one in (two.customer, two.seller, bob)
        ]
        await speak(hers, "typing", conversation_id=two.talk["id"])
        await speak(others, "typing", conversation_id=two.talk["id"])
        await speak(others, "typing", conversation_id="not an id")
        await speak(others, "typing")

        (told,) = await of_type(his, "typing", 1)
        refused = await frames(others, 3)
        assert await nothing_but(hers, place, two.customer) == []

    assert told == {
        "id": None,
        "type": "typing",
        "data": {
            "conversation_id": two.talk["id"],
            "user_id": str(two.customer.id),
            "role": "customer",
        },
    }
    assert [one["type"] for one in refused] == ["error"] * 3
    assert refused[0]["data"]["code"] == "conversation-not-found"


async def test_who_was_blocked_is_told_nothing(place, two):
    said = await say(two.client, two.customer.headers, two.talk, "Hello")
    path = f"/conversations/{two.talk['id']}"
    await two.client.post(f"{path}/block", headers=two.seller.headers)
    async with place.socket(two.customer) as hers, place.socket(two.seller) as his:
        await two.client.post(f"{path}/read", headers=two.seller.headers)
        await speak(his, "typing", conversation_id=two.talk["id"])
        await speak(hers, "typing", conversation_id=two.talk["id"])
        await two.client.delete(f"{path}/messages/{said['id']}", headers=two.customer.headers)

        at_hers = await nothing_but(hers, place, two.customer)
        at_his = await nothing_but(his, place, two.seller)

    assert [one["type"] for one in at_hers] == ["message"]
    assert [one["type"] for one in at_his] == ["read"]


async def test_of_support_all_who_may_answer_are_told_until_one_does(place, two):
    async with place.doors.database.transaction() as connection:
        users = [await make_user(connection, role) for role in (Role.MANAGEMENT, Role.ADMIN)]
    first, second = [await place.member(user.id) for user in users]
    helpdesk = await open_talk(two.client, two.customer.headers, support=True)
    async with place.socket(first) as there, place.socket(second) as elsewhere:
        await say(two.client, two.customer.headers, helpdesk, "Help")
        await say(two.client, first.headers, helpdesk, "What is it?")
        await say(two.client, two.customer.headers, helpdesk, "It burns")

        mine = await nothing_but(there, place, first)
        others = await nothing_but(elsewhere, place, second)

    assert [one["data"]["text"] for one in mine] == ["Help", "What is it?", "It burns"]
    assert [one["data"]["text"] for one in others] == ["Help", "What is it?"]


async def test_whose_session_ends_hears_no_more(place, two):
    async with place.socket(two.customer) as there:
        await place.end_session(two.customer)
        assert await closed(there) == 1008
        await say(two.client, two.seller.headers, two.talk, "Hello")


async def test_those_one_talks_with_are_told_that_one_is_there_for_a_minute(place, two, bob):
    async with AsyncExitStack() as stack:
        hers, his, others = [
            await stack.enter_async_context(place.socket(one))
            for one in (two.customer, two.seller, bob)
        ]
        await speak(others, "presence")
        await speak(hers, "presence")
        await speak(hers, "presence", online=False)
        await speak(hers, "presence", since="always")

        told = await of_type(his, "presence", 2)
        assert (await frame(hers))["type"] == "error"
        assert await nothing_but(others, place, bob) == []

    her_id = str(two.customer.id)
    assert [one["data"] for one in told] == [
        {"user_id": her_id, "online": True, "until": "2030-03-01T12:01:00Z"},
        {"user_id": her_id, "online": False, "until": None},
    ]


async def test_of_whom_one_blocked_one_hears_nothing(place, two):
    path = f"/conversations/{two.talk['id']}/block"
    await two.client.post(path, headers=two.seller.headers)
    async with place.doors.reading() as services:
        for one, other in ((two.customer, two.seller), (two.seller, two.customer)):
            known = await services.chat_frames.partners.known(one.id, most=50)
            assert other.id not in known
    await two.client.delete(path, headers=two.seller.headers)
    async with place.doors.reading() as services:
        assert await services.chat_frames.partners.known(two.customer.id, most=50) == [
            two.seller.id
        ]
