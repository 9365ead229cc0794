"""Not wanting to hear from somebody, at once and everywhere."""

import asyncio

import pytest

from app.repositories.chat_blocks import ChatBlockRepository
from app.repositories.chat_messages import ChatMessageRepository
from tests.factories.catalog import make_offering
from tests.factories.partners import make_partners
from tests.factories.races import until_somebody_waits
from tests.factories.talks import history, open_talk, say


@pytest.fixture
async def partners(connection, adapters):
    return await make_partners(connection, adapters)


@pytest.fixture
async def talk(client, partners):
    return await open_talk(client, partners.customer, booking_id=str(partners.booking.id))


async def send(client, headers, talk, text="Hello"):
    path = f"/conversations/{talk['id']}/messages"
    return await client.post(path, headers=headers, json={"text": text})


async def block(client, headers, talk):
    return await client.post(f"/conversations/{talk['id']}/block", headers=headers)


async def test_who_is_blocked_reads_and_does_not_write(client, talk, partners):
    said = await say(client, partners.seller, talk, "Hello")

    for _ in range(2):
        assert (await block(client, partners.customer, talk)).status_code == 204
    path = f"/conversations/{talk['id']}/messages/{said['id']}"
    answers = [
        await send(client, partners.seller, talk),
        await client.patch(path, headers=partners.seller, json={"text": "You fool"}),
        await send(client, partners.customer, talk),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (403, "blocked"),
        (403, "blocked"),
        (409, "unblock-first"),
    ]
    assert await history(client, partners.seller, talk) == [said]
    assert (await client.delete(path, headers=partners.seller)).status_code == 204


async def test_a_block_is_of_the_person_in_whatever_they_begin(client, connection, talk, partners):
    await block(client, partners.seller, talk)
    other = await make_offering(connection, partners.provider)

    begun = await client.post(
        "/conversations",
        headers=partners.customer,
        json={"service_id": str(other.id), "message": "And now?"},
    )

    assert (begun.status_code, begun.json()["code"]) == (403, "blocked")


async def test_once_unblocked_they_write_again(client, talk, partners):
    await block(client, partners.seller, talk)

    path = f"/conversations/{talk['id']}/block"
    others = await client.delete(path, headers=partners.customer)
    assert others.status_code == 204
    assert (await send(client, partners.customer, talk)).status_code == 403, "not theirs to lift"
    for _ in range(2):
        assert (await client.delete(path, headers=partners.seller)).status_code == 204

    for headers in partners.both:
        assert (await send(client, headers, talk)).status_code == 201


async def test_support_is_neither_blocked_nor_blocks(client, connection, adapters, partners):
    helpdesk = await open_talk(client, partners.customer, support=True)

    refused = await block(client, partners.customer, helpdesk)

    assert (refused.status_code, refused.json()["code"]) == (409, "support-not-blockable")


class Gate:
    """Lets a message be written only when it is told to."""

    def __init__(self, monkeypatch):
        self.arrived, self.opened = asyncio.Event(), asyncio.Event()
        add = ChatMessageRepository.add

        async def held(repository, message, **more):
            self.arrived.set()
            await asyncio.wait_for(self.opened.wait(), 15)
            return await add(repository, message, **more)

        monkeypatch.setattr(ChatMessageRepository, "add", held)


@pytest.fixture
async def real_partners(real_doors, adapters):
    async with real_doors.database.read() as connection:
        return await make_partners(connection, adapters)


async def test_what_is_being_written_stands_before_the_block(
    real_client, real_doors, real_partners, monkeypatch
):
    seller, customer = real_partners.seller, real_partners.customer
    talk = await open_talk(real_client, customer, booking_id=str(real_partners.booking.id))
    gate = Gate(monkeypatch)

    writing = asyncio.create_task(send(real_client, customer, talk))
    await gate.arrived.wait()
    blocking = asyncio.create_task(block(real_client, seller, talk))
    await until_somebody_waits(real_doors)
    assert not blocking.done()
    gate.opened.set()

    assert [(await writing).status_code, (await blocking).status_code] == [201, 204]
    assert (await send(real_client, customer, talk)).status_code == 403
    assert len(await history(real_client, seller, talk)) == 1


async def test_without_the_lock_a_message_would_come_after_the_block(
    real_client, real_partners, monkeypatch
):
    """The control: the block is done, and then there is a message from whom was blocked."""
    seller, customer = real_partners.seller, real_partners.customer
    talk = await open_talk(real_client, customer, booking_id=str(real_partners.booking.id))
    gate = Gate(monkeypatch)

    async def unlocked(*_):
        pass

    monkeypatch.setattr(ChatBlockRepository, "lock_all", unlocked)

    writing = asyncio.create_task(send(real_client, customer, talk))
    await gate.arrived.wait()
    assert (await block(real_client, seller, talk)).status_code == 204
    assert await history(real_client, seller, talk) == []
    gate.opened.set()

    assert (await writing).status_code == 201
    assert len(await history(real_client, seller, talk)) == 1


async def test_one_who_begins_anew_is_waited_for(
    real_client, real_doors, real_partners, monkeypatch
):
    """Its row is nobody's to lock yet; the pair is."""
    seller, customer = real_partners.seller, real_partners.customer
    talk = await open_talk(real_client, customer, booking_id=str(real_partners.booking.id))
    about = {"service_id": str(real_partners.booking.service_id), "message": "Hello"}
    gate = Gate(monkeypatch)

    beginning = asyncio.create_task(
        real_client.post("/conversations", headers=customer, json=about)
    )
    await gate.arrived.wait()
    blocking = asyncio.create_task(block(real_client, seller, talk))
    await until_somebody_waits(real_doors)
    assert not blocking.done()
    gate.opened.set()

    assert [(await beginning).status_code, (await blocking).status_code] == [201, 204]
