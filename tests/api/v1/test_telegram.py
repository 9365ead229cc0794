"""Being told in Telegram: whose chat is whose."""

import asyncio
from dataclasses import replace

import pytest

from app.bootstrap import Doors
from app.core.i18n import Locale
from app.domain.telegram import TelegramUpdate
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in

CHAT = 4207


@pytest.fixture
async def ada(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


def said(text: str, *, chat_id: int = CHAT, number: int = 1, **more) -> TelegramUpdate:
    command, _, argument = text.partition(" ")
    facts = {"language": "en", "is_blocked": False} | more
    return TelegramUpdate(number, chat_id, command.removeprefix("/"), argument, **facts)


async def code_of(client, headers) -> str:
    made = await client.post("/telegram/link", headers=headers)
    assert made.status_code == 201, made.text
    url, _, code = made.json()["url"].partition("?start=")
    assert url == "https://t.me/banister_dev_bot"
    return code


async def is_linked(client, headers) -> bool:
    return (await client.get("/telegram/link", headers=headers)).json()["linked"]


async def test_a_link_opens_the_bot_and_links_the_chat(client, me, services, ada):
    code = await code_of(client, me)
    assert not await is_linked(client, me)
    assert len(code) <= 64  # as Telegram takes it

    reply = await services.telegram.hear(said(f"/start {code}"))

    assert reply.chat_id == CHAT
    assert "from now on" in reply.text
    assert await is_linked(client, me)
    assert await services.telegram.chat_of(ada.id) == CHAT


async def test_a_link_opens_once(client, me, services, connection, adapters):
    code = await code_of(client, me)
    await services.telegram.hear(said(f"/start {code}"))

    reply = await services.telegram.hear(said(f"/start {code}", chat_id=666, number=2))

    assert "too old" in reply.text
    assert await services.telegram.chat_of(await _owner(client, me)) == CHAT


async def _owner(client, headers):
    return (await client.get("/profile", headers=headers)).json()["id"]


async def test_it_lapses(client, me, services, clock):
    code = await code_of(client, me)
    clock.forward(minutes=15)

    reply = await services.telegram.hear(said(f"/start {code}"))

    assert "too old" in reply.text
    assert not await is_linked(client, me)


async def test_another_one_takes_its_place(client, me, services):
    first = await code_of(client, me)
    second = await code_of(client, me)

    assert "too old" in (await services.telegram.hear(said(f"/start {first}"))).text
    assert "from now on" in (await services.telegram.hear(said(f"/start {second}", number=2))).text


async def test_an_update_has_its_effect_once(client, me, services):
    code = await code_of(client, me)
    first = await services.telegram.hear(said(f"/start {code}"))

    assert first is not None
    assert await services.telegram.hear(said(f"/start {code}")) is None


async def test_a_chat_is_whose_who_linked_it_last(client, me, services, ada, connection, adapters):
    eve = await make_user(connection, locale=Locale.RU)
    hers = await sign_in(connection, adapters, user_id=eve.id)
    await services.telegram.hear(said(f"/start {await code_of(client, me)}"))

    reply = await services.telegram.hear(said(f"/start {await code_of(client, hers)}", number=2))

    assert await services.telegram.chat_of(ada.id) is None
    assert await services.telegram.chat_of(eve.id) == CHAT
    assert "здесь" in reply.text, "in the language of whose it is now"


@pytest.mark.parametrize("way", ["/stop", "blocked"])
async def test_who_stops_the_bot_is_told_nothing_there(client, me, services, way):
    await services.telegram.hear(said(f"/start {await code_of(client, me)}"))

    reply = await services.telegram.hear(said(way, number=2, is_blocked=way == "blocked"))

    assert not await is_linked(client, me)
    assert (reply is None) == (way == "blocked")


async def test_one_can_end_it_in_ones_account_and_with_it_the_code(client, me, services):
    await services.telegram.hear(said(f"/start {await code_of(client, me)}"))
    code = await code_of(client, me)

    for _ in range(2):
        assert (await client.delete("/telegram/link", headers=me)).status_code == 204

    assert not await is_linked(client, me)
    assert "too old" in (await services.telegram.hear(said(f"/start {code}", number=2))).text


async def test_a_chat_that_is_gone_is_forgotten(client, me, services):
    await services.telegram.hear(said(f"/start {await code_of(client, me)}"))

    await services.telegram.drop_dead(CHAT)

    assert not await is_linked(client, me)


@pytest.mark.parametrize(
    ("language", "word"), [("uk", "посилання"), ("ru", "ссылку"), ("", "link"), ("xx", "link")]
)
async def test_who_says_anything_else_is_told_how_it_goes(services, language, word):
    for number, text in enumerate(("/start", "hello", "/help me")):
        reply = await services.telegram.hear(said(text, number=number, language=language))

        assert word in reply.text


async def test_where_there_is_no_bot_that_is_told(doors, me):
    without = Doors(doors.database, replace(doors.adapters, telegram=None))
    async with client_of(without) as client:
        refused = await client.post("/telegram/link", headers=me)

    assert (refused.status_code, refused.json()["code"]) == (409, "telegram-not-offered")


async def test_old_updates_are_forgotten(services, clock):
    await services.telegram.hear(said("hello"))
    assert await services.telegram.forget_old() == 0

    clock.forward(minutes=8 * 24 * 60)

    assert await services.telegram.forget_old() == 1


async def test_of_many_who_open_a_link_at_once_one_is_linked(real_client, real_doors, adapters):
    async with real_doors.database.read() as connection:
        user = await make_user(connection)
        headers = await sign_in(connection, adapters, user_id=user.id)
    code = await code_of(real_client, headers)

    async def opened(number: int) -> str:
        update = said(f"/start {code}", chat_id=100 + number, number=number)
        reply = await real_doors.perform(lambda services: services.telegram.hear(update))
        return reply.text

    replies = await asyncio.gather(*map(opened, range(8)))

    assert sum("from now on" in reply for reply in replies) == 1
    winner = 100 + next(n for n, reply in enumerate(replies) if "from now on" in reply)
    async with real_doors.reading() as services:
        assert await services.telegram.chat_of(user.id) == winner
