"""The bot in Telegram: having told to us what people say to it."""

import asyncio

import typer

from app.bootstrap import telegram_bot
from app.cli.surroundings import read_settings
from app.core.config import Settings, SettingsError

telegram = typer.Typer(help="Set up the bot in Telegram.", no_args_is_help=True)


@telegram.callback()
def of_the_bot() -> None:
    """Set up the bot in Telegram."""


@telegram.command("set-webhook")
def set_webhook() -> None:
    """Have Telegram tell this program, at PUBLIC_URL, what people say to the bot."""
    print(f"the bot in Telegram: told at {asyncio.run(subscribe(read_settings()))}")


async def subscribe(settings: Settings) -> str:
    """Return where it is told now; refuse with SettingsError where that can't be."""
    if not settings.base_url.startswith("https://"):
        raise SettingsError("PUBLIC_URL: must begin with https://, Telegram calls nothing else")
    if not settings.telegram_webhook_secret.get_secret_value():
        raise SettingsError("TELEGRAM_WEBHOOK_SECRET: must be set")
    bot = telegram_bot(settings)
    if bot is None:
        raise SettingsError("TELEGRAM_BOT_TOKEN: must be set")
    try:
        await bot.subscribe()
        return await bot.subscribed()
    finally:
        await bot.close()
