"""A Telegram of our own: a bot's messages, chats that are gone, and faults.

Its shapes are those of core.telegram.org/bots/api.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.messengers import MessengerServer, serving

TOKEN = "7000000001:AAcanary-of-the-tests"
NAME = "banister_test_bot"
BLOCKED = 4207700
UNKNOWN = 4207701
SAYS = {
    "400": "Bad Request: message text is empty",
    "401": "Unauthorized",
    "404": "Not Found",
    "429": "Too Many Requests: retry after 7",
    "500": "Internal Server Error",
    "502": "Bad Gateway",
}


@dataclass
class TelegramServer(MessengerServer):
    messages: list[tuple[int, str]] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        self.calls[method] += 1
        if request.path_params["token"] != TOKEN:
            return self.refuse("401")
        if method == "getMe":
            return JSONResponse({"ok": True, "result": {"id": 1, "username": NAME}})
        if method == "getWebhookInfo":
            url = self.webhook.get("url", "")
            return JSONResponse({"ok": True, "result": {"url": url, "pending_update_count": 0}})
        asked = await request.json()
        if method == "setWebhook":
            return self._set(asked)
        return await self.sending(request, lambda: self._sent(asked))

    async def _sent(self, asked: dict[str, Any]) -> Response:
        if asked["chat_id"] == BLOCKED:
            return _error(403, "Forbidden: bot was blocked by the user")
        if asked["chat_id"] == UNKNOWN:
            return _error(400, "Bad Request: chat not found")
        if not 0 < len(asked["text"]) <= 4096 or "parse_mode" in asked:
            return _error(400, "Bad Request: message is too long")
        self.messages.append((asked["chat_id"], asked["text"]))
        return JSONResponse({"ok": True, "result": {"message_id": next(self._ids)}})

    def _set(self, asked: dict[str, Any]) -> Response:
        if not asked["url"].startswith("https://"):
            return _error(400, "Bad Request: bad webhook: An HTTPS URL must be provided")
        self.webhook = asked
        return JSONResponse({"ok": True, "result": True, "description": "Webhook was set"})

    def refuse(self, fault: str) -> Response:
        more = {"parameters": {"retry_after": 7}} if fault == "429" else {}
        return _error(int(fault), SAYS[fault], **more)


def _error(status: int, said: str, **more: Any) -> Response:
    told = {"ok": False, "error_code": status, "description": said} | more
    return JSONResponse(told, status)


@asynccontextmanager
async def telegram_server() -> AsyncIterator[TelegramServer]:
    fake = TelegramServer()
    route = Route("/bot{token}/{method}", fake.answer, methods=["POST"])
    async with serving(fake, [route]):
        yield fake


def told(number: int, text: str, *, chat_id: int = 42) -> dict[str, Any]:
    """Return the update by which Telegram tells what somebody wrote to the bot."""
    person = {"id": chat_id, "is_bot": False, "first_name": "Ada", "language_code": "en"}
    chat = {"id": chat_id, "type": "private", "first_name": "Ada"}
    message = {"message_id": number, "from": person, "chat": chat, "date": 1, "text": text}
    return {"update_id": number, "message": message}
