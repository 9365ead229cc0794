"""The mailbox of those who develop."""

from base64 import b64decode

import pytest

from app.integrations.mail.protocol import Attachment, Letter
from tests.conftest import client_of

JSON = {"Accept": "application/json"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
async def site(doors):
    async with client_of(doors, base="") as client:
        yield client


async def send(adapters, to: str, *, subject="Hello", html="<head></head><p>Hi</p>") -> None:
    await adapters.mailbox.send(Letter(to, subject, "Hi\n", html, key=f"{to}/{subject}"))


async def test_a_program_reads_the_letters_newest_first(site, adapters, clock):
    await send(adapters, "ada@example.com")
    clock.forward(minutes=1)
    await send(adapters, "eve@example.com")

    answer = await site.get("/dev/mail", headers=JSON)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["items"][1] == {
        "to": "ada@example.com",
        "subject": "Hello",
        "text": "Hi\n",
        "html": "<head></head><p>Hi</p>",
        "created_at": "2030-03-01T12:00:00Z",
        "attachments": [],
    }
    assert [item["to"] for item in answer.json()["items"]] == ["eve@example.com", "ada@example.com"]


@pytest.mark.parametrize("to", ["ada+1@example.com", "ada%2B1@example.com", "ADA%2b1@Example.com"])
async def test_the_letters_of_one_address_are_picked_out(site, adapters, to):
    await send(adapters, "ada+1@example.com")
    await send(adapters, "eve@example.com")

    answer = await site.get(f"/dev/mail?to={to}", headers=JSON)

    assert [item["to"] for item in answer.json()["items"]] == ["ada+1@example.com"]


async def test_a_browser_gets_a_page_where_no_letter_can_do_anything(site, adapters):
    evil = "<head></head><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    await send(adapters, "ada@example.com", subject="<script>alert(1)</script>", html=evil)

    page = await site.get('/dev/mail?to="><script>x</script>', headers=BROWSER)
    all_ = await site.get("/dev/mail", headers=BROWSER)

    assert all_.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in page.text + all_.text
    assert '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"' in all_.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in all_.text
    policy = all_.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy


async def test_what_came_with_a_letter_can_be_saved(site, adapters):
    evil = Attachment('"><script>.ics', "text/calendar; method=REQUEST", b"BEGIN:VCALENDAR\r\n\xff")
    letter = Letter("ada@example.com", "Hi", "Hi", "<p>Hi</p>", key="1", attachments=(evil,))
    await adapters.mailbox.send(letter)

    (told,) = (await site.get("/dev/mail", headers=JSON)).json()["items"][0]["attachments"]
    page = (await site.get("/dev/mail", headers=BROWSER)).text

    assert (told["name"], told["content_type"]) == (evil.name, evil.content_type)
    assert b64decode(told["content"]) == evil.content
    assert f"base64,{told['content']}" in page
    assert "<script" not in page


async def test_an_empty_mailbox_says_so(site):
    assert "No letters" in (await site.get("/dev/mail", headers=BROWSER)).text
    assert (await site.get("/dev/mail", headers=JSON)).json() == {"items": []}


@pytest.mark.parametrize("environment", ["production", "test"])
async def test_outside_of_development_there_is_no_such_thing(doors, settings, environment):
    settings.environment = environment

    async with client_of(doors, base="") as site:
        assert (await site.get("/dev/mail", headers=BROWSER)).status_code == 404
