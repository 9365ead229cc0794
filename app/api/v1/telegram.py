"""Being told in Telegram."""

from fastapi import Response, status

from app.api.answers import Answers
from app.api.deps import Visitor
from app.api.errors import problems
from app.api.routing import stem
from app.domain.telegram import TelegramNotOffered
from app.schemas.telegram import (
    LinkingRead,
    TelegramLinkRead,
    linking_read,
    telegram_link_read,
)

router = stem("telegram")
LINKING = Answers(linking_read)
LINK = Answers(telegram_link_read)


@router.get("/link", response_model=TelegramLinkRead, responses=problems())
async def get_telegram_link(visitor: Visitor) -> Response:
    """Tell whether a chat in Telegram is linked to one's account."""
    async with visitor.reading() as caller:
        return LINK.ok(await caller.services.telegram.status(caller.actor))


@router.post(
    "/link",
    response_model=LinkingRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(TelegramNotOffered),
)
async def create_telegram_link(visitor: Visitor) -> Response:
    """Get a link that opens a chat with the bot, and links it to one's account: once, soon."""
    async with visitor.writing() as caller:
        return LINKING.created(await caller.services.telegram.begin(caller.actor))


@router.delete("/link", status_code=status.HTTP_204_NO_CONTENT, responses=problems())
async def delete_telegram_link(visitor: Visitor) -> Response:
    """Be told nothing in Telegram any more."""
    async with visitor.writing() as caller:
        await caller.services.telegram.unlink(caller.actor)
        return Response(status_code=status.HTTP_204_NO_CONTENT)
