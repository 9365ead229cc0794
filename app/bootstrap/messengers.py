"""Which ways there are to reach people elsewhere, by the settings."""

from collections.abc import Mapping
from typing import Final

from app.core.clock import Clock, system_clock
from app.core.config import Settings
from app.integrations.keeping.folder import FileKeeping
from app.integrations.push.fcm import FcmPushes
from app.integrations.push.kept import KeptPushes
from app.integrations.push.protocol import PushSender
from app.integrations.sms.kept import KeptSms
from app.integrations.sms.protocol import SmsSender
from app.integrations.sms.twilio import TwilioAccount, TwilioSms
from app.integrations.telegram.bot import BotTelegram, TelegramBot
from app.integrations.telegram.kept import KeptTelegram
from app.integrations.telegram.protocol import TelegramSender

Sender = SmsSender | PushSender | TelegramSender
KEPT: Final = (KeptSms, KeptPushes, KeptTelegram)
CALLBACK: Final = "/api/v1/webhooks/twilio"
TOLD_AT: Final = "/api/v1/webhooks/telegram"


def sms_sender(settings: Settings, clock: Clock, keeping: FileKeeping) -> SmsSender | None:
    """Return what sends text messages; in production there is none without an account."""
    match settings.twilio_account_sid, settings.is_production:
        case "", True:
            return None
        case "", False:
            return KeptSms(keeping, clock)
    return TwilioSms(_twilio(settings))


def push_sender(settings: Settings, clock: Clock, keeping: FileKeeping) -> PushSender | None:
    """Return what sends push; in production there is none without an account."""
    match settings.fcm_account, settings.is_production:
        case None, True:
            return None
        case None, False:
            return KeptPushes(keeping, clock)
        case account, _:
            assert account is not None
            return FcmPushes(account, clock, base=settings.fcm_api_base)


def telegram_sender(
    settings: Settings, clock: Clock, keeping: FileKeeping
) -> TelegramSender | None:
    """Return what speaks for the bot; in production there is none without one."""
    match settings.telegram_bot_token.get_secret_value(), settings.is_production:
        case "", True:
            return None
        case "", False:
            return KeptTelegram(keeping, clock)
        case token, _:
            return BotTelegram(_bot(settings, token))


def telegram_bot(settings: Settings) -> BotTelegram | None:
    """Return the bot where there is a real one."""
    token = settings.telegram_bot_token.get_secret_value()
    return BotTelegram(_bot(settings, token)) if token else None


def messengers(settings: Settings, clock: Clock = system_clock) -> Mapping[str, Sender]:
    """Return those that need an account and have one, by the name people know them by."""
    keeping = FileKeeping(settings.data_dir / "messages")
    made: dict[str, Sender | None] = {
        "text messages by Twilio": sms_sender(settings, clock, keeping),
        "push by Firebase": push_sender(settings, clock, keeping),
        "the bot in Telegram": telegram_sender(settings, clock, keeping),
    }
    return {
        name: one for name, one in made.items() if one is not None and not isinstance(one, KEPT)
    }


def _twilio(settings: Settings) -> TwilioAccount:
    return TwilioAccount(
        sid=settings.twilio_account_sid,
        token=settings.twilio_auth_token.get_secret_value(),
        sender=settings.twilio_sender,
        base=settings.twilio_api_base,
        callback=f"{settings.base_url}{CALLBACK}",
    )


def _bot(settings: Settings, token: str) -> TelegramBot:
    return TelegramBot(
        token,
        settings.telegram_api_base,
        settings.telegram_webhook_secret.get_secret_value(),
        callback=f"{settings.base_url}{TOLD_AT}",
    )
