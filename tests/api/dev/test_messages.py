"""The messages of those who develop."""

import pytest

from app.integrations.push.protocol import Push
from app.integrations.sms.protocol import Sms
from tests.conftest import client_of

JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
async def site(doors):
    async with client_of(doors, base="") as client:
        yield client


async def test_a_program_reads_the_messages_newest_first(site, adapters, clock):
    await adapters.sms.send(Sms("+12025550143", "Your code is 1", "1"))
    clock.forward(minutes=1)
    await adapters.push.send(Push("token", "Booked", "At 9", "1", {"id": "7"}))

    answer = await site.get("/dev/messages", headers=JSON)

    assert answer.json()["items"] == [
        {
            "messenger": "push",
            "to": "token",
            "title": "Booked",
            "text": "At 9",
            "data": {"id": "7"},
            "created_at": "2030-03-01T12:01:00Z",
        },
        {
            "messenger": "sms",
            "to": "+12025550143",
            "title": None,
            "text": "Your code is 1",
            "data": {},
            "created_at": "2030-03-01T12:00:00Z",
        },
    ]


@pytest.mark.parametrize("to", ["+12025550143", "%2B12025550143"])
async def test_the_messages_to_one_number_are_picked_out(site, adapters, to):
    await adapters.sms.send(Sms("+12025550143", "Hi", "1"))
    await adapters.sms.send(Sms("+12025550144", "Hi", "1"))

    answer = await site.get(f"/dev/messages?to={to}", headers=JSON)

    assert [item["to"] for item in answer.json()["items"]] == ["+12025550143"]


async def test_a_browser_gets_a_page_where_no_message_can_do_anything(site, adapters):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    await adapters.push.send(Push(evil, evil, evil, "1", {evil: evil}))

    page = await site.get('/dev/messages?to="><script>x</script>', headers=BROWSER)
    all_ = await site.get("/dev/messages", headers=BROWSER)

    assert all_.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in page.text + all_.text
    assert "<img" not in all_.text
    assert all_.text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 5
    policy = all_.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


async def test_where_nothing_was_sent_the_page_says_so(site):
    assert "No messages" in (await site.get("/dev/messages", headers=BROWSER)).text
    assert (await site.get("/dev/messages", headers=JSON)).json() == {"items": []}


@pytest.mark.parametrize("environment", ["production", "test"])
async def test_outside_of_development_there_is_no_such_thing(doors, settings, environment):
    settings.environment = environment

    async with client_of(doors, base="") as site:
        assert (await site.get("/dev/messages", headers=BROWSER)).status_code == 404
