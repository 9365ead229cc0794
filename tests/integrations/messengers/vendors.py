"""Every messenger with its double behind it, so that one test can ask the same of all."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.core.clock import Clock
from app.core.service_accounts import read_service_account
from app.domain.messengers import MessengerRefused, MessengerUnavailable, Receipt
from app.integrations.keeping.folder import FileKeeping
from app.integrations.push.fcm import FcmPushes
from app.integrations.push.kept import KeptPushes
from app.integrations.push.protocol import Push, PushRefused, PushUnavailable
from app.integrations.sms.kept import KeptSms
from app.integrations.sms.protocol import Sms, SmsRefused, SmsUnavailable
from app.integrations.sms.twilio import TwilioAccount, TwilioSms
from app.integrations.telegram.bot import BotTelegram, TelegramBot
from app.integrations.telegram.kept import KeptTelegram
from app.integrations.telegram.protocol import (
    TelegramMessage,
    TelegramRefused,
    TelegramUnavailable,
)
from tests.fakes import fcm, telegram, twilio

CALLBACK: Final = "https://banister.example/api/v1/webhooks/twilio"
KINDS: Final = {
    "sms": (SmsUnavailable, SmsRefused),
    "push": (PushUnavailable, PushRefused),
    "telegram": (TelegramUnavailable, TelegramRefused),
}


@dataclass
class Vendor:
    """`seen` are the texts that people got, `dead` who will never get one."""

    kind: str
    sender: Any
    to: Any
    seen: Callable[[], list[str]]
    server: Any = None
    dead: tuple[Any, ...] = ()
    shows_once: bool = False

    @property
    def unavailable(self) -> type[MessengerUnavailable]:
        return KINDS[self.kind][0]

    @property
    def refused(self) -> type[MessengerRefused]:
        return KINDS[self.kind][1]

    async def send(self, text: str = "Hello", *, key: str = "1", to: Any = None) -> Receipt:
        return await self.sender.send(message(self.kind, self.to if to is None else to, text, key))


def message(kind: str, to: Any, text: str, key: str, **more: Any) -> Any:
    match kind:
        case "sms":
            return Sms(to, text, key, **more)
        case "push":
            return Push(to, "Banister", text, key, {"id": "7"}, **more)
    return TelegramMessage(to, text, key, **more)


def account(server: Any, sender: str = twilio.FROM) -> TwilioAccount:
    return TwilioAccount(twilio.SID, twilio.TOKEN, sender, server.address, CALLBACK)


@asynccontextmanager
async def twilio_vendor(clock: Clock, folder: Path) -> AsyncIterator[Vendor]:
    async with twilio.twilio_server(clock) as server:
        sender = TwilioSms(account(server), seconds=1.0)
        yield Vendor(
            "sms",
            sender,
            "+12025550143",
            lambda: [one["body"] for one in server.messages],
            server,
            (twilio.LANDLINE, twilio.STOPPED, "no number"),
        )
        await sender.close()


@asynccontextmanager
async def fcm_vendor(clock: Clock, folder: Path) -> AsyncIterator[Vendor]:
    async with fcm.fcm_server() as server:
        opened = read_service_account(fcm.service_account(server.address))
        sender = FcmPushes(opened, clock, base=server.address, seconds=1.0)
        yield Vendor(
            "push",
            sender,
            "a-device",
            lambda: [one["notification"]["body"] for one in server.shown.values()],
            server,
            (fcm.GONE, fcm.OTHERS, fcm.NONSENSE),
            shows_once=True,
        )
        await sender.close()


@asynccontextmanager
async def telegram_vendor(clock: Clock, folder: Path) -> AsyncIterator[Vendor]:
    async with telegram.telegram_server() as server:
        sender = BotTelegram(TelegramBot(telegram.TOKEN, server.address), seconds=1.0)
        yield Vendor(
            "telegram",
            sender,
            42,
            lambda: [text for _, text in server.messages],
            server,
            (telegram.BLOCKED, telegram.UNKNOWN),
        )
        await sender.close()


def kept(kind: str, to: Any) -> Callable[[Clock, Path], AbstractAsyncContextManager[Vendor]]:
    @asynccontextmanager
    async def made(clock: Clock, folder: Path) -> AsyncIterator[Vendor]:
        keeping = FileKeeping(folder)
        senders: Any = {"sms": KeptSms, "push": KeptPushes, "telegram": KeptTelegram}

        def seen() -> list[str]:
            return [one.text for one in keeping._files.read()]

        yield Vendor(kind, senders[kind](keeping, clock), to, seen, shows_once=True)

    return made


VENDORS: Final = {
    "twilio": twilio_vendor,
    "fcm": fcm_vendor,
    "telegram": telegram_vendor,
    "kept_sms": kept("sms", "+12025550143"),
    "kept_push": kept("push", "a-device"),
    "kept_telegram": kept("telegram", 42),
}
REAL: Final = ("twilio", "fcm", "telegram")
