"""What one wants to be told, by which channel, and when not."""

from fastapi import Response

from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import IfMatch, IfNoneMatch, ProfileReader, ProfileWriter
from app.api.errors import problems
from app.api.routing import API, stem
from app.core.errors import PreconditionFailed
from app.domain.notification_preferences import CannotBeSwitchedOff
from app.schemas.notification_preferences import (
    NotificationPreferencesPut,
    NotificationPreferencesRead,
    preferences_read,
)

router = stem("notification-preferences", prefix=f"{API}/notification-preferences")
PREFERENCES = Answers(preferences_read)


@router.get("", response_model=NotificationPreferencesRead, responses=problems())
async def get_notification_preferences(
    visitor: ProfileReader, if_none_match: IfNoneMatch = None
) -> Response:
    """Return what one is told, kind by channel, and one's quiet hours."""
    async with visitor.reading() as caller:
        preferences = await caller.services.notification_preferences.get(caller.actor)
    return PREFERENCES.ok_or_unchanged(preferences, if_none_match)


@router.put(
    "",
    response_model=NotificationPreferencesRead,
    responses=problems(CannotBeSwitchedOff, PreconditionFailed),
)
async def put_notification_preferences(
    visitor: ProfileWriter, body: NotificationPreferencesPut, if_match: IfMatch = None
) -> Response:
    """Choose anew what one is told; what is left out, is as usual."""
    async with visitor.writing() as caller:
        known = await caller.services.notification_preferences.lock(caller.actor)
        ensure_match(if_match, PREFERENCES.body(known))
        put = await caller.services.notification_preferences.put(body.wanted(caller.actor))
        return PREFERENCES.tagged(put)
