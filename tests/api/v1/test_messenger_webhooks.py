"""What messengers tell us: believed where it is theirs, and once."""

import json
from dataclasses import replace

import pytest

from app.bootstrap import Doors
from app.domain.messengers import TextState, TextStatusReported
from app.integrations.sms.twilio import TwilioSms
from app.integrations.telegram.bot import BotTelegram, TelegramBot
from tests.conftest import client_of
from tests.factories.accounts import sign_in
from tests.factories.jobs import announced
from tests.fakes import telegram
from tests.fakes.telegram import told
from tests.fakes.twilio import callback, signed
from tests.integrations.messengers.vendors import CALLBACK, account

SECRET = "telegram-webhook-canary"
NOWHERE = type("Nowhere", (), {"address": "http://127.0.0.1:1"})
SIGNED = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


@pytest.fixture
async def site(doors):
    bot = BotTelegram(TelegramBot(telegram.TOKEN, "http://127.0.0.1:1", SECRET))
    bot._name = "banister_dev_bot"
    real = replace(doors.adapters, sms=TwilioSms(account(NOWHERE)), telegram=bot)
    async with client_of(Doors(doors.database, real)) as client:
        yield client


async def report(site, *given: str) -> int:
    body = callback(*given)
    answer = await site.post("/webhooks/twilio", headers=signed(CALLBACK, body), content=body)
    return answer.status_code


async def test_each_state_of_a_text_is_announced_once(site, connection, services):
    for given in [("SM1", "sent"), ("SM1", "delivered"), ("SM1", "sent"), ("SM2", "sent")]:
        assert await report(site, *given) == 200

    told = [one for one in await announced(connection) if isinstance(one, TextStatusReported)]
    reports = [await services.text_reports.get(one.report_id) for one in told]
    assert [(one.reference, one.state) for one in reports] == [
        ("SM1", TextState.SENT),
        ("SM1", TextState.DELIVERED),
        ("SM2", TextState.SENT),
    ]


async def test_of_what_is_under_way_nothing_is_kept(site, connection):
    assert await report(site, "SM1", "queued") == 200

    assert await announced(connection) == []


async def test_why_one_failed_is_told(site, connection, services):
    await report(site, "SM1", "undelivered", "30005")

    (told,) = await announced(connection)
    found = await services.text_reports.get(told.report_id)
    assert (found.state, found.code, found.is_dead) == (TextState.FAILED, "30005", True)


async def test_what_twilio_did_not_sign_is_refused(site, connection):
    body = callback("SM1", "delivered")
    forged = [{}, signed(CALLBACK, body, "wrong"), signed("https://elsewhere.example/", body)]

    answers = [
        await site.post("/webhooks/twilio", headers=headers, content=body) for headers in forged
    ]

    assert [answer.status_code for answer in answers] == [400] * 3
    assert answers[0].json()["code"] == "invalid-signature"
    assert await announced(connection) == []


async def test_reports_are_forgotten_in_time(site, services, clock):
    await report(site, "SM1", "sent")
    assert await services.text_reports.forget_old() == 0

    clock.forward(minutes=31 * 24 * 60)

    assert await services.text_reports.forget_old() == 1


async def tell(site, update, headers=SIGNED):
    content = update if isinstance(update, bytes) else json.dumps(update).encode()
    return await site.post("/webhooks/telegram", headers=headers, content=content)


async def test_a_chat_is_linked_by_what_telegram_tells(site, connection, adapters):
    me = await sign_in(connection, adapters)
    url = (await site.post("/telegram/link", headers=me)).json()["url"]
    code = url.partition("?start=")[2]

    answer = await tell(site, told(1, f"/start {code}"))
    again = await tell(site, told(1, f"/start {code}"))

    assert answer.json()["method"] == "sendMessage"
    assert answer.json()["chat_id"] == 42
    assert again.json() == {}
    assert (await site.get("/telegram/link", headers=me)).json()["linked"]

    blocked = {"update_id": 2, "my_chat_member": told(2, "")["message"]}
    blocked["my_chat_member"] |= {"new_chat_member": {"status": "kicked"}}
    assert (await tell(site, blocked)).json() == {}
    assert not (await site.get("/telegram/link", headers=me)).json()["linked"]


@pytest.mark.parametrize(
    "update",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 60_000,
        {},
        {"update_id": "1"},
        {"update_id": True, "message": told(1, "/stop")["message"]},
        {"update_id": 1, "poll": {}},
        {"update_id": 1, "message": {"chat": {"id": 7, "type": "group"}, "text": "/stop"}},
        {"update_id": 1, "message": {"chat": {"id": 1 << 80, "type": "private"}}},
        {"update_id": 1, "message": {"chat": [], "text": 7}},
    ],
    ids=str,
)
async def test_what_is_of_no_use_is_taken_all_the_same(site, update):
    answer = await tell(site, update)

    assert (answer.status_code, answer.json()) == (200, {})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Telegram-Bot-Api-Secret-Token": ""},
        {"X-Telegram-Bot-Api-Secret-Token": SECRET[:-1]},
        {"X-Telegram-Bot-Api-Secret-Token": f"{SECRET}x"},
    ],
)
async def test_who_does_not_know_our_secret_is_not_telegram(site, headers):
    refused = await tell(site, told(1, "/stop"), headers)

    assert (refused.status_code, refused.json()["code"]) == (400, "invalid-signature")


async def test_what_is_too_large_is_not_read(site):
    refused = await tell(site, told(1, "x" * 70_000))

    assert refused.status_code == 400


async def test_where_neither_is_set_up_nobody_is_believed(client, doors):
    body = callback("SM1", "delivered")
    headers = signed(CALLBACK, body, "")
    assert (await client.post("/webhooks/twilio", headers=headers, content=body)).status_code == 400
    empty = {"X-Telegram-Bot-Api-Secret-Token": ""}
    assert (await tell(client, told(1, "/stop"), empty)).status_code == 400

    without = replace(doors.adapters, sms=None, telegram=None)
    async with client_of(Doors(doors.database, without)) as site:
        for name in ("twilio", "telegram"):
            refused = await site.post(f"/webhooks/{name}", content=body)
            assert refused.status_code == 404
