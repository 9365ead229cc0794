"""Messengers that send nothing, and do what they are told instead."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from app.bootstrap import Doors
from app.domain.messengers import Receipt
from app.integrations.push.protocol import Push
from app.integrations.sms.protocol import Sms
from app.integrations.telegram.protocol import TelegramMessage


@dataclass
class Messenger:
    """Takes texts, pushes and messages to chats alike; `fails` in turn, then takes what comes."""

    fails: list[Exception] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    after: Callable[[], None] = lambda: None

    async def send(self, message: Any) -> Receipt:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(message)
        self.after()
        return Receipt(f"taken-{len(self.sent)}")


def messaging_by(doors: Doors, messenger: Messenger) -> Doors:
    adapters = replace(doors.adapters, sms=messenger, push=messenger, telegram=messenger)
    return replace(doors, adapters=adapters)


def reached(message: Sms | Push | TelegramMessage) -> str:
    match message:
        case Sms():
            return message.to
        case Push():
            return message.token
        case TelegramMessage():
            return str(message.chat_id)
