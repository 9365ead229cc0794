"""What Telegram tells of a bot's chats (core.telegram.org/bots/api#update)."""

import json
from collections.abc import Mapping
from typing import Any, Final

from app.core.crypto import same
from app.domain.gateways import InvalidSignature
from app.domain.telegram import TelegramUpdate

HEADER: Final = "x-telegram-bot-api-secret-token"
LONGEST: Final = 65_536
LARGEST: Final = 1 << 62
GONE: Final = ("kicked", "left")


def read_update(secret: str, headers: Mapping[str, str], body: bytes) -> TelegramUpdate | None:
    """Return what one person did in a chat with the bot; None for all else.

    Refused with InvalidSignature where it doesn't come from who was told our secret.
    """
    if not secret or not same(headers.get(HEADER, ""), secret) or len(body) > LONGEST:
        raise InvalidSignature
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = _number(update, "update_id")
    said, moved = _object(update, "message"), _object(update, "my_chat_member")
    chat = _object(said or moved, "chat")
    chat_id = _number(chat, "id")
    if number is None or chat_id is None or chat.get("type") != "private":
        return None
    command, _, argument = _text(said, "text").strip().partition(" ")
    return TelegramUpdate(
        id=number,
        chat_id=chat_id,
        command=command.partition("@")[0].removeprefix("/").lower() if command[:1] == "/" else "",
        argument=argument.strip()[:100],
        language=_text(_object(said or moved, "from"), "language_code")[:20],
        is_blocked=_text(_object(moved, "new_chat_member"), "status") in GONE,
    )


def _object(of: Any, name: str) -> dict[str, Any]:
    found = of.get(name) if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}


def _number(of: Any, name: str) -> int | None:
    found = of.get(name) if isinstance(of, dict) else None
    is_one = isinstance(found, int) and not isinstance(found, bool) and abs(found) < LARGEST
    return found if is_one else None


def _text(of: dict[str, Any], name: str) -> str:
    found = of.get(name)
    return found if isinstance(found, str) else ""
