"""Chats in Telegram, as the API shows them to whose they are, and answers to Telegram."""

from datetime import datetime
from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.telegram import Linking, TelegramLink, TelegramReply
from app.schemas.accounts import ATime


class LinkingRead(TypedDict):
    url: Annotated[
        str,
        Field(
            description="Opens the chat with the bot; it links it once, and lapses.",
            examples=["https://t.me/banister_bot?start=Zm9vYmFyYmF6"],
        ),
    ]
    expires_at: ATime


class TelegramLinkRead(TypedDict):
    linked: Annotated[bool, Field(examples=[True])]
    linked_at: Annotated[datetime | None, Field(examples=["2030-01-31T09:00:00Z"])]


class BotAnswer(TypedDict):
    """What the bot is to say, as Telegram takes it in an answer; empty where that is nothing."""

    method: NotRequired[Annotated[Literal["sendMessage"], Field(examples=["sendMessage"])]]
    chat_id: NotRequired[Annotated[int, Field(examples=[42])]]
    text: NotRequired[Annotated[str, Field(examples=["You will be told here from now on."])]]


def linking_read(linking: Linking) -> LinkingRead:
    return {"url": linking.url, "expires_at": linking.expires_at}


def telegram_link_read(link: TelegramLink) -> TelegramLinkRead:
    return {"linked": link.linked_at is not None, "linked_at": link.linked_at}


def bot_answer(reply: TelegramReply | None) -> BotAnswer:
    if reply is None:
        return {}
    return {"method": "sendMessage", "chat_id": reply.chat_id, "text": reply.text}
