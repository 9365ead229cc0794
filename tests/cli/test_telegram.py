"""`banister telegram set-webhook` has us told what people say; `banister doctor` tells if not."""

import asyncio

import pytest

from app.cli.doctor import examine
from app.cli.telegram import subscribe
from app.core.config import SettingsError, load_settings
from tests.fakes.telegram import TOKEN, telegram_server

HERE = "https://salon.example"
THERE = f"{HERE}/api/v1/webhooks/telegram"
SECRET = "what-only-telegram-knows"


@pytest.fixture
async def telegram():
    async with telegram_server() as server:
        yield server


@pytest.fixture
def given(url, tmp_path, telegram):
    return {
        "_env_file": None,
        "database_url": url,
        "data_dir": tmp_path,
        "secret_key": "k" * 32,
        "public_url": HERE,
        "telegram_bot_token": TOKEN,
        "telegram_webhook_secret": SECRET,
        "telegram_api_base": telegram.address,
    }


async def test_telegram_is_told_where_and_by_which_secret(given, telegram):
    settings = load_settings(**given)

    assert [await subscribe(settings) for _ in range(2)] == [THERE, THERE]
    assert telegram.webhook == {
        "url": THERE,
        "secret_token": SECRET,
        "allowed_updates": ["message", "my_chat_member"],
    }


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ({"public_url": "http://salon.example"}, "PUBLIC_URL"),
        ({"public_url": ""}, "PUBLIC_URL"),
        ({"telegram_webhook_secret": ""}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"telegram_bot_token": ""}, "TELEGRAM_BOT_TOKEN"),
    ],
    ids=["no https", "nowhere", "no secret", "no bot"],
)
async def test_what_is_missing_is_named(given, telegram, missing, named):
    with pytest.raises(SettingsError, match=f"^{named}: "):
        await subscribe(load_settings(**given | missing))

    assert telegram.webhook == {}


async def test_the_doctor_tells_whether_it_was(given, telegram, capsys):
    settings = load_settings(**given)
    assert not await asyncio.to_thread(examine, settings)
    before = capsys.readouterr().out
    telegram.webhook["url"] = "https://somewhere.example"
    assert not await asyncio.to_thread(examine, settings)
    elsewhere = capsys.readouterr().out

    await subscribe(settings)

    assert await asyncio.to_thread(examine, settings)
    advice = f"not {THERE}: run `banister telegram set-webhook`"
    assert f"WRONG webhook of Telegram: set to nothing, {advice}" in before
    assert f"webhook of Telegram: set to https://somewhere.example, {advice}" in elsewhere
    assert f"ok    webhook of Telegram: set to {THERE}" in capsys.readouterr().out
