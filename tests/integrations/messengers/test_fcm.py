"""Firebase alone: the token that opens it, and what a device shows."""

import asyncio

import pytest

from app.core.service_accounts import read_service_account
from app.integrations.push.fcm import SCOPE, FcmPushes
from app.integrations.push.protocol import Push, PushUnavailable
from tests.fakes.fcm import EMAIL, fcm_server, service_account

NOTICE = Push("a-device", "Booked", "At 9", "1", {"booking_id": "7"})


@pytest.fixture
async def server():
    async with fcm_server() as server:
        yield server


@pytest.fixture
async def fcm(server, clock):
    account = read_service_account(service_account(server.address))
    sender = FcmPushes(account, clock, base=server.address)
    yield sender
    await sender.close()


async def test_a_token_is_asked_for_with_what_the_account_signs(server, fcm, clock):
    await fcm.send(NOTICE)

    now = int(clock().timestamp())
    assert server.claims == {
        "iss": EMAIL,
        "scope": SCOPE,
        "aud": f"{server.address}/token",
        "iat": now,
        "exp": now + 3600,
    }
    assert server.sent["notification"] == {"title": "Booked", "body": "At 9"}
    assert server.sent["data"] == {"booking_id": "7"}


async def test_it_is_kept_until_shortly_before_its_end(server, fcm, clock):
    for _ in range(3):
        await fcm.send(NOTICE)
    clock.forward(minutes=54)
    await fcm.send(NOTICE)
    assert server.calls["token"] == 1

    clock.forward(minutes=2)
    await fcm.send(NOTICE)
    assert server.calls["token"] == 2


async def test_of_many_that_need_one_at_once_one_asks(server, fcm):
    await asyncio.gather(*(fcm.send(NOTICE) for _ in range(10)))

    assert server.calls["token"] == 1


async def test_one_that_opens_nothing_any_more_is_replaced_and_the_message_goes_out(server, fcm):
    await fcm.send(NOTICE)
    server.open.clear()

    await fcm.send(NOTICE)

    assert server.calls["token"] == 2
    assert len(server.shown) == 1


async def test_an_account_that_is_not_let_in_can_be_mended(server, fcm):
    server.grants = 400

    with pytest.raises(PushUnavailable) as unavailable:
        await fcm.send(NOTICE)
    with pytest.raises(PushUnavailable):
        await fcm.check()

    assert unavailable.value.is_undone
    assert server.calls["send"] == 0


async def test_a_project_that_is_not_ours_can_be_mended(server, fcm):
    server.faults.append("403")

    with pytest.raises(PushUnavailable) as unavailable:
        await fcm.send(NOTICE)

    assert unavailable.value.is_undone


@pytest.mark.parametrize("fault", ["500", "503", "drop", "malformed"])
async def test_what_a_device_shows_once_is_sent_again_at_once(server, fcm, fault):
    fcm._guard._pause = 0
    server.faults.append(fault)

    await fcm.send(NOTICE)

    assert server.calls["send"] == 2
    assert len(server.shown) == 1


@pytest.mark.parametrize("text", ["", "{}", "[]", "x", '{"project_id": 1}'])
def test_what_is_no_service_account_is_refused_without_being_quoted(text):
    with pytest.raises(ValueError, match="must be the JSON of a service account"):
        read_service_account(text)


def test_the_key_must_be_a_private_one():
    good = service_account("http://x")
    read_service_account(good)

    with pytest.raises(ValueError, match="must be the JSON"):
        read_service_account(good.replace("PRIVATE KEY", "PUBLIC KEY"))
