"""Messages of a bot in Telegram (core.telegram.org/bots/api).

The Bot API takes no idempotency key, and can't be asked what it has sent: a message whose answer
was lost may have gone out, and whoever sends it again may send it twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import structlog

from app.domain.messengers import Receipt
from app.domain.telegram import TelegramUpdate
from app.integrations.guarding import RESTS, Failing, Guard
from app.integrations.keeping.cutting import cut
from app.integrations.telegram.protocol import (
    MOST,
    TelegramMessage,
    TelegramRefused,
    TelegramUnavailable,
)
from app.integrations.telegram.updates import read_update
from app.integrations.wire import Answer, Lost, Wire

AT_LEAST: Final = 1  # second, where it doesn't say how long to wait
LONGEST_WAIT: Final = 3600
# There is no word but a sentence for why a message is refused (tdlib's `Client.cpp`).
GONE: Final = (
    "chat not found",
    "user not found",
    "user is deactivated",
    "peer_id_invalid",
    "bot was blocked",
    "bot was kicked",
)
HEARD: Final = ("message", "my_chat_member")  # what `updates` reads
OURS: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
FAILING: Final = Failing(
    TelegramUnavailable,
    late=TelegramUnavailable,
    resting=lambda: TelegramUnavailable(is_undone=True, retry_after=int(RESTS)),
    may_repeat=lambda error: error.is_undone and error.retry_after is None,
    counts=lambda error: error.retry_after is None,
)
log = structlog.get_logger("banister.telegram")


@dataclass(frozen=True, slots=True)
class TelegramBot:
    token: str = field(repr=False)
    base: str
    webhook_secret: str = field(default="", repr=False)
    callback: str = ""
    """Where Telegram is to tell what people say to the bot."""


class BotTelegram:
    def __init__(self, bot: TelegramBot, *, seconds: float = 8.0) -> None:
        self._bot = bot
        self._wire = Wire(bot.base, seconds=seconds)
        self._guard = Guard("telegram", FAILING)
        self._name = ""

    @property
    def callback(self) -> str:
        return self._bot.callback

    async def send(self, message: TelegramMessage) -> Receipt:
        asked = {
            "chat_id": message.chat_id,
            "text": cut(message.text, MOST),
            "link_preview_options": {"is_disabled": True},
        }
        answer = await self._guard.ask("send", lambda: self._asked("sendMessage", asked))
        number = answer.word("result", "message_id")
        if not number:  # it was taken, for all we know
            log.warning("Telegram gave no answer", why="unreadable")
            raise TelegramUnavailable
        return Receipt(number)

    async def name(self) -> str:
        if not self._name:
            answer = await self._guard.ask("name", lambda: self._asked("getMe", {}))
            self._name = answer.word("result", "username")
        if not self._name:
            raise TelegramUnavailable(is_undone=True)
        return self._name

    def read(self, headers: Mapping[str, str], body: bytes) -> TelegramUpdate | None:
        return read_update(self._bot.webhook_secret, headers, body)

    async def check(self) -> None:
        await self.name()

    async def subscribe(self) -> None:
        """Have what people say told to us, with our secret, and nothing else; refused as `check`.

        Again and again with the same result; who was told before is told no more.
        """
        asked = {
            "url": self._bot.callback,
            "secret_token": self._bot.webhook_secret,
            "allowed_updates": list(HEARD),
        }
        await self._guard.ask("subscribe", lambda: self._asked("setWebhook", asked))

    async def subscribed(self) -> str:
        """Return where it is told; nothing where it is told to nobody. Refused as `check`."""
        answer = await self._guard.ask("subscribed", lambda: self._asked("getWebhookInfo", {}))
        return answer.word("result", "url")

    async def close(self) -> None:
        await self._wire.close()

    async def _asked(self, method: str, asked: dict[str, Any]) -> Answer:
        try:
            answer = await self._wire.ask("POST", f"/bot{self._bot.token}/{method}", json=asked)
        except Lost as lost:
            log.warning("Telegram gave no answer", why=lost.word)
            raise TelegramUnavailable(is_undone=lost.is_undone) from None
        if answer.is_good and answer.get("ok") is True:
            return answer
        raise _failure(answer)


def _failure(answer: Answer) -> TelegramUnavailable | TelegramRefused:
    said = answer.word("description").lower()
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return TelegramUnavailable(is_undone=True, retry_after=_wait(answer))
    if answer.status in OURS:
        log.error("Telegram does not let us in", status=answer.status)
        return TelegramUnavailable(is_undone=True, retry_after=int(RESTS))
    if answer.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN):
        is_dead = any(word in said for word in GONE) or answer.status == HTTPStatus.FORBIDDEN
        return TelegramRefused("chat-gone" if is_dead else "bad-request", is_dead=is_dead)
    log.warning("Telegram is no use", status=answer.status)
    return TelegramUnavailable()


def _wait(answer: Answer) -> int:
    asked = answer.get("parameters", "retry_after")
    seconds = asked if isinstance(asked, int) else answer.retry_after
    return min(max(seconds or 0, AT_LEAST), LONGEST_WAIT)
