"""Of somebody who is erased the words go, and what others have keeps its shape."""

import pytest

from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import bearer, registered
from tests.factories.clock import NOW
from tests.factories.events import make_event
from tests.factories.talks import history, open_talk, say, unread

PASSWORD = "correct horse battery"


@pytest.fixture
async def theirs(connection, adapters):
    organizer = await make_user(connection, Role.ORGANIZER)
    return organizer, await sign_in(connection, adapters, user_id=organizer.id)


@pytest.fixture
async def mine(client, doors):
    pair = await registered(client, doors, email="ada@example.com", password=PASSWORD)
    return bearer(pair)


async def erase(client, headers):
    gone = await client.request("DELETE", "/profile", headers=headers, json={"password": PASSWORD})
    assert gone.status_code == 204, gone.text


async def test_the_others_history_keeps_its_shape_and_counts_what_is_left(
    client, connection, mine, theirs
):
    organizer, headers = theirs
    event, _ = await make_event(connection, organizer.id, now=NOW)
    talk = await open_talk(client, mine, event_id=str(event.id), message="I am Ada")
    answer = await say(client, headers, talk, "Welcome")
    await client.post(f"/conversations/{talk['id']}/read", headers=headers)
    for number in range(3):
        await say(client, mine, talk, f"Ada {number}", client_id=f"ada-{number}")
    assert await unread(client, headers, talk) == 3

    await erase(client, mine)

    left = await history(client, headers, talk)
    assert [one["seq"] for one in left] == [1, 2, 3, 4, 5]
    assert left[1] == answer
    for one in (left[0], *left[2:]):
        assert (one["text"], one["client_id"]) == (None, None)
        assert one["deleted_at"] is not None
    assert await unread(client, headers, talk) == 0
    (shown,) = (await client.get("/conversations", headers=headers)).json()["items"]
    assert shown["participants"][0]["name"] is None
    assert shown["last_message"]["text"] is None


async def test_to_somebody_who_is_gone_nothing_is_written(client, connection, mine, theirs):
    organizer, headers = theirs
    event, _ = await make_event(connection, organizer.id, now=NOW)
    talk = await open_talk(client, mine, event_id=str(event.id), message="I am Ada")
    await erase(client, mine)

    path = f"/conversations/{talk['id']}/messages"
    refused = await client.post(path, headers=headers, json={"text": "Still there?"})

    assert (refused.status_code, refused.json()["code"]) == (409, "nobody-to-ask")


async def test_one_is_told_of_all_one_wrote_and_of_nothing_others_did(
    client, connection, mine, theirs
):
    organizer, headers = theirs
    event, _ = await make_event(connection, organizer.id, now=NOW)
    talk = await open_talk(client, mine, event_id=str(event.id), message="I am Ada")
    said = await say(client, headers, talk, "You fool")
    path = f"/conversations/{talk['id']}"
    complaint = {"reason": "They insult me"}
    await client.post(f"{path}/messages/{said['id']}/report", headers=mine, json=complaint)
    await client.post(f"{path}/block", headers=mine)

    told = (await client.get("/profile/export", headers=mine)).json()

    assert [one["id"] for one in told["conversations"]] == [talk["id"]]
    assert [one["text"] for one in told["chat_messages"]] == ["I am Ada"]
    assert [one["reason"] for one in told["chat_reports"]] == ["They insult me"]
    assert [one["blocked_id"] for one in told["chat_blocks"]] == [str(organizer.id)]
    assert "fool" not in str(told)
