"""Being told of what one has not read: once, all together, and not of what one just read."""

import pytest

from app.domain.chat_digests import ChatDigestDue
from app.repositories.chat_digests import ChatDigestRepository
from app.tasks.chat_digests import announce_chat_digests
from app.tasks.delivery import deliver
from tests.factories.jobs import announced, deliver_all
from tests.factories.partners import make_partners
from tests.factories.races import at_once, meeting
from tests.factories.talks import open_talk, say


@pytest.fixture
async def partners(connection, adapters):
    return await make_partners(connection, adapters)


@pytest.fixture
async def talk(client, partners):
    return await open_talk(client, partners.customer, booking_id=str(partners.booking.id))


@pytest.fixture
def told(doors, connection):
    """Do what is due, and return who was told by then, in that order."""

    async def told():
        while await doors.perform(announce_chat_digests):
            pass
        digests = [one for one in await announced(connection) if isinstance(one, ChatDigestDue)]
        return [one.user_id for one in digests]

    return told


async def unread(doors, user_id):
    async with doors.reading() as services:
        return await services.chat_digests.unread(user_id)


async def read(client, headers, talk):
    answer = await client.post(f"/conversations/{talk['id']}/read", headers=headers)
    assert answer.status_code == 200, answer.text


async def test_who_has_not_read_for_a_while_is_told_once_of_all_of_it(
    client, doors, partners, talk, told, clock
):
    about = {"service_id": str(partners.booking.service_id)}
    other = await open_talk(client, partners.customer, **about, message="And curls?")
    for text in ("Is there parking?", "Hello?"):
        await say(client, partners.customer, talk, text)

    assert await told() == []
    clock.forward(minutes=14)
    assert await told() == []
    clock.forward(minutes=1)
    seller = partners.provider.user_id
    assert await told() == [seller]
    clock.forward(days=3)
    assert await told() == [seller], "nothing came after that"

    found = await unread(doors, seller)
    assert (found.messages, found.conversations, found.only) == (3, 2, None)
    assert other["id"] != talk["id"]


async def test_who_has_read_or_what_was_taken_back_is_not_told_of(
    client, connection, adapters, doors, partners, talk, told, clock
):
    said = await say(client, partners.customer, talk, "Hello")
    await read(client, partners.seller, talk)
    gone = await say(client, partners.customer, talk, "Sorry")
    path = f"/conversations/{talk['id']}/messages/{gone['id']}"
    await client.delete(path, headers=partners.customer)

    clock.forward(minutes=20)

    assert said["seq"] == 1
    assert await told() == []


async def test_what_was_read_a_moment_before_is_not_in_it(
    client, connection, adapters, doors, partners, talk, told, clock
):
    await say(client, partners.customer, talk, "Hello")
    clock.forward(minutes=15)
    assert await told() == [partners.provider.user_id]
    assert (await unread(doors, partners.provider.user_id)).only is not None

    await read(client, partners.seller, talk)

    found = await unread(doors, partners.provider.user_id)
    assert (found.messages, found.conversations, found.only) == (0, 0, None)


async def test_of_more_that_comes_one_is_told_later(
    client, connection, adapters, partners, talk, told, clock
):
    seller = partners.provider.user_id
    await say(client, partners.customer, talk, "Hello")
    clock.forward(minutes=15)
    assert await told() == [seller]

    await say(client, partners.customer, talk, "Hello?")
    clock.forward(minutes=15)
    assert await told() == [seller]
    clock.forward(minutes=225 - 1)
    assert await told() == [seller]
    clock.forward(minutes=1)
    assert await told() == [seller, seller]


async def test_one_letter_says_how_much_there_is(client, doors, partners, talk, told, clock):
    for text in ("Hello", "Hello?"):
        await say(client, partners.customer, talk, text)
    clock.forward(minutes=15)
    await told()

    messages = await deliver_all(doors)
    for one in messages:
        if isinstance(one, ChatDigestDue):
            await deliver(doors, one)
    await deliver_all(doors)

    letters = await doors.adapters.mailbox.letters()
    (letter,) = [one for one in letters if "unread" in one.subject]
    assert "2 unread" in letter.subject


async def test_who_read_before_it_was_written_gets_none(
    client, connection, adapters, doors, partners, talk, told, clock
):
    await say(client, partners.customer, talk, "Hello")
    clock.forward(minutes=15)
    await told()
    await read(client, partners.seller, talk)

    await deliver_all(doors)

    assert [one for one in await doors.adapters.mailbox.letters() if "unread" in one.subject] == []


async def test_of_two_workers_one_tells(real_client, real_doors, adapters, clock, monkeypatch):
    await _owe_a_digest(real_client, real_doors, adapters, clock)
    monkeypatch.setattr(ChatDigestRepository, "claim", meeting(ChatDigestRepository.claim))

    await at_once(real_doors, *(real_doors.perform(announce_chat_digests) for _ in range(2)))

    assert await _told_in(real_doors) == 1


async def test_without_the_claim_both_would_tell(
    real_client, real_doors, adapters, clock, monkeypatch
):
    """The control: both have seen that somebody is due."""
    await _owe_a_digest(real_client, real_doors, adapters, clock)

    async def unguarded(*_, **__):
        return True

    monkeypatch.setattr(ChatDigestRepository, "claim", meeting(unguarded))

    await at_once(real_doors, *(real_doors.perform(announce_chat_digests) for _ in range(2)))

    assert await _told_in(real_doors) == 2


async def _owe_a_digest(client, doors, adapters, clock):
    async with doors.database.read() as connection:
        partners = await make_partners(connection, adapters)
    talk = await open_talk(client, partners.customer, booking_id=str(partners.booking.id))
    await say(client, partners.customer, talk, "Hello")
    clock.forward(minutes=15)


async def _told_in(doors):
    async with doors.database.read() as connection:
        return sum(isinstance(one, ChatDigestDue) for one in await announced(connection))
