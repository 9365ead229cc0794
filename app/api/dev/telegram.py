"""The part of somebody with Telegram, while there is no bot."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from app.api.answers import Answers
from app.api.deps import Anybody
from app.core.ids import new_id
from app.domain.telegram import TelegramUpdate
from app.schemas.telegram import bot_answer

BITS: Final = 62

router = APIRouter(prefix="/dev", include_in_schema=False)
ANSWER = Answers(bot_answer)


@router.post("/telegram")
async def tell_bot(
    guest: Anybody, chat_id: Annotated[int, Query(ge=1, lt=1 << 52)], text: str
) -> Response:
    """Say something to the bot, as `/start` with the code of a link does; see its answer."""
    command, _, argument = text.strip().partition(" ")
    update = TelegramUpdate(
        id=new_id().int >> (128 - BITS),
        chat_id=chat_id,
        command=command.removeprefix("/"),
        argument=argument.strip(),
        language=guest.locale,
        is_blocked=False,
    )
    async with guest.writing() as services:
        return ANSWER.ok(await services.telegram.hear(update))
