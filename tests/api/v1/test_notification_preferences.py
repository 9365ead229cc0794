"""What one wants to be told, by which channel, and when not."""

import pytest

from app.domain.notifications import Kind
from tests.factories.accounts import make_user, sign_in

PATH = "/notification-preferences"


@pytest.fixture
async def me(connection, adapters):
    user = await make_user(connection)
    return await sign_in(connection, adapters, user_id=user.id)


async def put(client, me, **body):
    return await client.put(PATH, headers=me, json=body)


async def test_who_chose_nothing_is_told_as_usual(client, me):
    told = (await client.get(PATH, headers=me)).json()

    assert told["kinds"].keys() == {str(kind) for kind in Kind}
    assert told["quiet_hours"] is None
    assert told["kinds"]["reminder"] == {
        "email": True,
        "sms": False,
        "push": True,
        "telegram": True,
        "in_app": True,
        "required": [],
    }
    assert told["kinds"]["security_notice"]["required"] == ["email"]


async def test_what_is_chosen_is_kept_and_the_rest_is_as_usual(client, me):
    quiet = {"start": "22:00", "end": "07:30"}
    chosen = {"reminder": {"sms": True, "email": False}}

    answer = await put(client, me, kinds=chosen, quiet_hours=quiet)

    assert answer.status_code == 200, answer.text
    again = (await client.get(PATH, headers=me)).json()
    assert again == answer.json()
    assert again["quiet_hours"] == quiet
    assert again["kinds"]["reminder"]["sms"] is True
    assert again["kinds"]["reminder"]["email"] is False
    assert again["kinds"]["reminder"]["push"] is True
    assert again["kinds"]["booking_confirmed"]["email"] is True


async def test_what_is_left_out_is_as_usual_again(client, me):
    quiet = {"start": "22:00", "end": "07:30"}
    await put(client, me, kinds={"reminder": {"email": False}}, quiet_hours=quiet)

    told = (await put(client, me)).json()

    assert told["quiet_hours"] is None
    assert told["kinds"]["reminder"]["email"] is True


@pytest.mark.parametrize("kind", ["security_notice", "payment_succeeded", "booking_cancelled"])
async def test_letters_that_everybody_gets_cannot_be_switched_off(client, me, kind):
    answer = await put(client, me, kinds={kind: {"email": False}})

    assert (answer.status_code, answer.json()["code"]) == (422, "cannot-be-switched-off")
    assert (await put(client, me, kinds={kind: {"in_app": False}})).status_code == 200


async def test_who_saw_something_older_is_told_so(client, me):
    seen = (await client.get(PATH, headers=me)).headers["ETag"]
    assert (await put(client, me, kinds={"reminder": {"sms": True}})).status_code == 200

    late = await client.put(PATH, headers=me | {"If-Match": seen}, json={})
    unchanged = await client.get(PATH, headers=me | {"If-None-Match": seen})

    assert late.status_code == 412
    assert unchanged.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"kinds": {"pigeons": {"email": True}}},
        {"kinds": {"reminder": {"pigeon": True}}},
        {"kinds": {"reminder": {"email": "yes"}}},
        {"kinds": {"reminder": {"email": None}}},
        {"quiet_hours": {"start": "24:00", "end": "07:00"}},
        {"quiet_hours": {"start": "7:00", "end": "08:00"}},
        {"quiet_hours": {"start": "07:00", "end": "07:00"}},
        {"quiet_hours": {"start": "07:00"}},
        {"quiet": None},
    ],
)
async def test_what_cannot_be_chosen_is_refused(client, me, body):
    assert (await put(client, me, **body)).status_code == 422
