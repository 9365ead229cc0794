"""Addresses that nobody is behind, as those who work here see them."""

import pytest

from app.domain.notifications import Channel
from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.notifications import make_suppression

PATH = "/admin/suppressions"


@pytest.fixture
async def staff(connection, adapters):
    return await sign_in(connection, adapters, Role.MANAGEMENT)


async def listed(client, staff, **params):
    answer = await client.get(PATH, headers=staff, params=params)
    assert answer.status_code == 200, answer.text
    return [one["address"] for one in answer.json()["items"]]


async def test_they_are_listed_by_channel_and_by_address(client, connection, staff):
    await make_suppression(connection, "a@example.com")
    await make_suppression(connection, "+12025550143", channel=Channel.SMS)

    assert set(await listed(client, staff)) == {"a@example.com", "+12025550143"}
    assert await listed(client, staff, channel="sms") == ["+12025550143"]
    assert await listed(client, staff, address="a@example.com") == ["a@example.com"]


async def test_one_that_is_removed_is_written_to_again(client, connection, staff):
    user = await make_user(connection)
    one = await make_suppression(connection, user.email)

    told = [await client.delete(f"{PATH}/{one.id}", headers=staff) for _ in range(2)]

    assert [answer.status_code for answer in told] == [204, 404]
    assert told[1].json()["code"] == "suppression-not-found"
    assert await listed(client, staff) == []
