"""Chats with our bot in Telegram: whose they are, by a link that opens once."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import fingerprint, new_secret
from app.core.database import Checkpoint
from app.core.i18n import Locale, negotiated, translate
from app.domain.actors import Actor
from app.domain.gateway_events import GatewayUnknown
from app.domain.telegram import (
    COUNTED_FOR,
    LASTS,
    Linking,
    TelegramLink,
    TelegramNotOffered,
    TelegramReply,
    TelegramUpdate,
)
from app.integrations.telegram.protocol import TelegramSender
from app.repositories.telegram import TelegramRepository

FORGOTTEN_AT_ONCE: Final = 1000
LINKED: Final = "You will be told here from now on. Send /stop and you won't be."
LAPSED: Final = "This link was used or is too old. Ask for another one in your account."
STOPPED: Final = "You will be told nothing here any more."
HELP: Final = "To be told here, open the link that your account gives you. /stop ends it."


class TelegramService:
    def __init__(
        self,
        links: TelegramRepository,
        telegram: TelegramSender | None,
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.links = links
        self.telegram = telegram
        self.checkpoint = checkpoint
        self.clock = clock

    async def begin(self, actor: Actor) -> Linking:
        """Return a link by which whoever opens it first links their chat, in place of the last."""
        if self.telegram is None:
            raise TelegramNotOffered
        await self.checkpoint()  # the bot may have to be asked what it is called
        name = await self.telegram.name()
        code, expires_at = new_secret(), self.clock() + LASTS
        await self.links.begin(actor.user_id, code_hash=fingerprint(code), expires_at=expires_at)
        return Linking(f"https://t.me/{name}?start={code}", expires_at)

    async def status(self, actor: Actor) -> TelegramLink:
        return TelegramLink(await self.links.linked_at(actor.user_id))

    async def unlink(self, actor: Actor) -> None:
        """Forget the chat, and the code by which one was to be linked."""
        await self.links.unlink(actor.user_id)

    async def chat_of(self, user_id: UUID) -> int | None:
        """Return the chat of somebody; None where they have linked none."""
        return await self.links.chat_of(user_id)

    async def drop_dead(self, chat_id: int) -> None:
        """Forget a chat in which nothing will ever be read again."""
        await self.links.unlink_chat(chat_id)

    async def receive(self, headers: Mapping[str, str], body: bytes) -> TelegramReply | None:
        """Take in what Telegram tells; return what the bot says to it, in the very answer.

        Refused with InvalidSignature. What is of no use here is none of Telegram's faults.
        """
        if self.telegram is None:
            raise GatewayUnknown
        update = self.telegram.read(headers, body)
        return None if update is None else await self.hear(update)

    async def hear(self, update: TelegramUpdate) -> TelegramReply | None:
        """Do what somebody tells the bot, once, however often it comes."""
        if not await self.links.hear(update.id, now=self.clock()):
            return None
        if update.is_blocked:
            await self.links.unlink_chat(update.chat_id)
            return None
        locale = await self.links.locale_of(update.chat_id) or negotiated(update.language)
        match update.command:
            case "start" if update.argument:
                return await self._link(update, locale)
            case "stop":
                await self.links.unlink_chat(update.chat_id)
                return TelegramReply(update.chat_id, translate(STOPPED, locale))
        return TelegramReply(update.chat_id, translate(HELP, locale))

    async def forget_old(self) -> int:
        """Delete some updates that won't come again; return how many."""
        since = self.clock() - COUNTED_FOR
        return await self.links.forget(since=since, most=FORGOTTEN_AT_ONCE)

    async def _link(self, update: TelegramUpdate, locale: Locale) -> TelegramReply:
        now = self.clock()
        taken = await self.links.take(fingerprint(update.argument), now=now)
        if taken is None:
            return TelegramReply(update.chat_id, translate(LAPSED, locale))
        user_id, own = taken
        await self.links.link(user_id, update.chat_id, now=now)
        return TelegramReply(update.chat_id, translate(LINKED, own))
