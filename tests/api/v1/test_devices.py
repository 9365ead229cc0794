"""The devices on which one sees push."""

import asyncio

import pytest

from app.domain.devices import MOST
from tests.factories.accounts import make_user, sign_in

TOKEN = "cV0kq3bXR9mZ:APA91bH4x7"
DEVICE = {"platform": "android", "token": TOKEN, "name": "Ada's phone"}


@pytest.fixture
async def ada(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


@pytest.fixture
async def other(connection, adapters):
    return await sign_in(connection, adapters)


async def register(client, headers, **changes) -> dict:
    made = await client.post("/devices", headers=headers, json=DEVICE | changes)
    assert made.status_code == 201, made.text
    return made.json()


async def listed(client, headers) -> list[dict]:
    answer = await client.get("/devices", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_device_is_registered_and_shows_no_more_of_its_token_than_its_ends(client, me):
    made = await register(client, me)

    assert made["token"] == "cV0k…H4x7"
    assert (made["platform"], made["name"], made["current"]) == ("android", "Ada's phone", True)
    assert await listed(client, me) == [made]


async def test_registered_again_it_is_the_same_device(client, me, clock):
    first = await register(client, me)
    clock.forward(minutes=1)

    again = await register(client, me, name="Ada's new name")

    assert again == first | {"name": "Ada's new name", "seen_at": again["seen_at"]}
    assert again["seen_at"] > first["seen_at"]
    assert len(await listed(client, me)) == 1


async def test_a_token_is_whose_who_registers_it_last(client, me, other, services, ada):
    mine = await register(client, me)

    theirs = await register(client, other)

    assert theirs["id"] != mine["id"]
    assert await listed(client, me) == []
    assert await services.devices.reachable(ada.id) == []
    gone = await client.delete(f"/devices/{mine['id']}", headers=me)
    assert gone.status_code == 404


async def test_of_too_many_the_one_not_seen_for_longest_goes(client, me, clock):
    for number in range(MOST + 2):
        clock.forward(seconds=1)
        await register(client, me, token=f"{TOKEN}-{number}", name=str(number))

    names = [device["name"] for device in await listed(client, me)]

    assert names == [str(number) for number in reversed(range(2, MOST + 2))]


@pytest.mark.parametrize("way", ["/auth/logout", "/auth/logout-all"])
async def test_who_signs_out_sees_no_push_there(client, me, services, ada, way):
    await register(client, me)
    assert len(await services.devices.reachable(ada.id)) == 1

    out = await client.post(way, headers=me, json={})

    assert out.status_code == 204, out.text
    assert await services.devices.reachable(ada.id) == []


async def test_one_that_was_signed_out_elsewhere_is_not_listed_and_is_forgotten(
    client, me, connection, adapters, ada, services
):
    there = await sign_in(connection, adapters, user_id=ada.id)
    device = await register(client, there)
    (one,) = await listed(client, me)
    assert not one["current"]
    sessions = (await client.get("/auth/sessions", headers=me)).json()["items"]
    (session,) = [one for one in sessions if not one["current"]]

    await client.delete(f"/auth/sessions/{session['id']}", headers=me)

    assert await listed(client, me) == []
    assert (await client.delete(f"/devices/{device['id']}", headers=me)).status_code == 404
    assert await services.devices.forget_over() == 1
    assert await services.devices.forget_over() == 0


async def test_one_is_taken_away_by_its_owner_alone(client, me, other):
    made = await register(client, me)
    path = f"/devices/{made['id']}"

    assert (await client.delete(path, headers=other)).status_code == 404
    assert (await client.delete(path, headers=me)).status_code == 204
    assert (await client.delete(path, headers=me)).status_code == 404


async def test_a_dead_token_is_forgotten(client, me, services, ada):
    await register(client, me)
    await register(client, me, token=f"{TOKEN}-2")

    await services.devices.drop_dead(TOKEN)

    (left,) = await services.devices.reachable(ada.id)
    assert left.token == f"{TOKEN}-2"
    assert TOKEN not in str(left)


@pytest.mark.parametrize(
    "changes",
    [
        {"token": "short"},
        {"token": "x" * 1025},
        {"token": "with a blank in it, and long"},
        {"token": "with\nlines-and-long-enough"},
        {"platform": "fridge"},
        {"name": ""},
        {"more": 1},
    ],
)
async def test_what_is_no_device_is_refused(client, me, changes):
    refused = await client.post("/devices", headers=me, json=DEVICE | changes)

    assert refused.status_code == 422


async def test_of_two_who_register_one_token_at_once_one_has_it(
    real_client, real_doors, adapters, clock
):
    async with real_doors.database.read() as connection:
        people = [await sign_in(connection, adapters) for _ in range(6)]

    made = await asyncio.gather(*(register(real_client, headers) for headers in people))

    held = [device for headers in people for device in await listed(real_client, headers)]
    assert len(held) == 1
    assert held[0]["id"] in {device["id"] for device in made}


async def test_many_at_once_of_one_account_are_not_one_too_many(real_client, real_doors, adapters):
    async with real_doors.database.read() as connection:
        headers = await sign_in(connection, adapters)

    await asyncio.gather(
        *(register(real_client, headers, token=f"{TOKEN}-{n}") for n in range(MOST + 5))
    )

    answer = await real_client.get("/devices?limit=100", headers=headers)
    assert len(answer.json()["items"]) == MOST
