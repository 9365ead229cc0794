"""What somebody wants to be told, by which channel, and when not."""

from typing import Final
from uuid import UUID

from app.core.crypto import Signer
from app.domain.actors import Actor
from app.domain.notification_preferences import (
    NotificationPreferences,
    UnsubscribeTokenInvalid,
    ensure_choosable,
    is_required,
    usual,
)
from app.domain.notifications import Channel, Kind
from app.repositories.notification_preferences import NotificationPreferenceRepository

PURPOSE: Final = "unsubscribe"


class NotificationPreferenceService:
    def __init__(
        self, preferences: NotificationPreferenceRepository, signer: Signer, *, base_url: str
    ) -> None:
        self.preferences = preferences
        self.signer = signer
        self.base_url = base_url

    async def get(self, actor: Actor) -> NotificationPreferences:
        return await self.preferences.get(actor.user_id) or usual(actor.user_id)

    async def lock(self, actor: Actor) -> NotificationPreferences:
        """Return one's own, and let nobody else change them meanwhile."""
        return await self.preferences.lock(actor.user_id) or usual(actor.user_id)

    async def put(self, wanted: NotificationPreferences) -> NotificationPreferences:
        """Replace them; refuse with CannotBeSwitchedOff letters that everybody gets."""
        ensure_choosable(wanted.choices)
        await self.preferences.put(wanted)
        return wanted

    def unsubscribe_url(self, user_id: UUID, kind: Kind) -> str | None:
        """Return where letters of a kind can be stopped; None where they can't be."""
        if is_required(kind, Channel.EMAIL):
            return None
        token = self.signer.token(PURPOSE, f"{user_id}:{kind}")
        return f"{self.base_url}/api/v1/unsubscribe/{token}"

    def unsubscribing(self, token: str) -> tuple[UUID, Kind]:
        """Return whom a token is for, and which letters; refuse with UnsubscribeTokenInvalid."""
        user_id, _, kind = (self.signer.subject(PURPOSE, token) or "").partition(":")
        if not user_id or kind not in {*Kind}:
            raise UnsubscribeTokenInvalid
        return UUID(user_id), Kind(kind)

    async def unsubscribe(self, token: str) -> Kind:
        """Stop letters of a kind to somebody, as often as it is asked."""
        user_id, kind = self.unsubscribing(token)
        if not await self.preferences.is_known(user_id):
            return kind
        known = await self.preferences.lock(user_id) or usual(user_id)
        await self.preferences.put(known.without(kind, Channel.EMAIL))
        return kind
