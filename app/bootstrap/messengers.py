"""Which ways there are to reach people elsewhere, by the settings."""

from app.core.clock import Clock
from app.core.config import Settings
from app.integrations.keeping.folder import FileKeeping
from app.integrations.push.kept import KeptPushes
from app.integrations.push.protocol import PushSender
from app.integrations.sms.kept import KeptSms
from app.integrations.sms.protocol import SmsSender
from app.integrations.telegram.kept import KeptTelegram
from app.integrations.telegram.protocol import TelegramSender


def sms_sender(settings: Settings, clock: Clock, keeping: FileKeeping) -> SmsSender | None:
    """Return what sends text messages; in production there is none without an account."""
    return None if settings.is_production else KeptSms(keeping, clock)


def push_sender(settings: Settings, clock: Clock, keeping: FileKeeping) -> PushSender | None:
    """Return what sends push; in production there is none without an account."""
    return None if settings.is_production else KeptPushes(keeping, clock)


def telegram_sender(
    settings: Settings, clock: Clock, keeping: FileKeeping
) -> TelegramSender | None:
    """Return what speaks for the bot; in production there is none without one."""
    return None if settings.is_production else KeptTelegram(keeping, clock)
