"""Writing at once: one order for all, nothing twice, and no gap for whoever reads meanwhile."""

import asyncio

import pytest

from app.repositories import conversations
from app.repositories.chat_messages import ChatMessageRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.races import at_once, meeting
from tests.factories.talks import history, open_talk, unread

SENT = 12


@pytest.fixture
async def sides(real_doors, adapters):
    """A customer and a provider, with headers, and what the one has booked with the other."""
    async with real_doors.database.read() as connection:
        customer, provider = await make_user(connection), await make_provider(connection)
        offering = await make_offering(connection, provider)
        booking = await make_booking(connection, customer.id, offering, provider, starts_at=at(60))
        headers = [
            await sign_in(connection, adapters, user_id=user_id)
            for user_id in (customer.id, provider.user_id)
        ]
    return headers, booking


@pytest.fixture
async def talk(real_client, sides):
    headers, booking = sides
    return await open_talk(real_client, headers[0], booking_id=str(booking.id))


async def send(client, headers, talk, text, **more):
    path = f"/conversations/{talk['id']}/messages"
    return await client.post(path, headers=headers, json={"text": text, **more})


async def follow(client, headers, talk, *, until):
    """Read on from the last place that was seen, as a client that polls, up to a place."""
    seen = []
    while not seen or seen[-1]["seq"] < until:
        after = seen[-1]["seq"] if seen else 0
        seen += await history(client, headers, talk, f"sort=seq&after={after}&limit=5")
    return seen


async def test_both_sides_write_at_once_and_see_one_order_without_a_gap(
    real_client, real_doors, sides, talk
):
    headers, _ = sides
    total = 2 * SENT

    *answers, first, second = await asyncio.wait_for(
        at_once(
            real_doors,
            *(send(real_client, side, talk, f"{n}") for n in range(SENT) for side in headers),
            follow(real_client, headers[0], talk, until=total),
            follow(real_client, headers[1], talk, until=total),
        ),
        60,
    )

    assert {one.status_code for one in answers} == {201}
    assert [one["seq"] for one in first] == list(range(1, total + 1))
    assert first == second
    assert {one["id"] for one in first} == {one.json()["id"] for one in answers}
    assert [await unread(real_client, side, talk) for side in headers] == [SENT, SENT]


async def test_without_the_lock_two_would_stand_in_one_place(
    real_client, real_doors, sides, talk, monkeypatch
):
    """The control: both see the conversation as it was, and each takes the next place itself."""
    taken = []
    add = ChatMessageRepository.add

    async def by_what_was_seen(self, message, **more):
        taken.append(message.seq)
        return await add(self, message, **more)

    monkeypatch.setattr(conversations, "LOCK", conversations.BY_ID)
    monkeypatch.setattr(ChatMessageRepository, "add", meeting(by_what_was_seen))

    await at_once(real_doors, *(send(real_client, side, talk, "Hello") for side in sides[0]))

    assert taken == [1, 1]


async def test_of_twenty_of_the_same_one_is_written(real_client, real_doors, sides, talk):
    headers, _ = sides

    answers = await at_once(
        real_doors,
        *(send(real_client, headers[0], talk, "Hello", client_id="c-1") for _ in range(20)),
    )

    assert sorted(one.status_code for one in answers) == [200] * 19 + [201]
    assert len({one.text for one in answers}) == 1
    assert [one["seq"] for one in await history(real_client, headers[1], talk)] == [1]
    assert await unread(real_client, headers[1], talk) == 1


async def test_without_the_lock_the_same_would_be_tried_twice(
    real_client, real_doors, sides, talk, monkeypatch
):
    """The control: both find nothing sent yet, and the constraint alone stops one, with a 500."""
    monkeypatch.setattr(conversations, "LOCK", conversations.BY_ID)
    monkeypatch.setattr(ChatMessageRepository, "add", meeting(ChatMessageRepository.add))

    answers = await at_once(
        real_doors,
        *(send(real_client, sides[0][0], talk, "Hello", client_id="c-1") for _ in range(2)),
    )

    assert sorted(one.status_code for one in answers) == [201, 500]
