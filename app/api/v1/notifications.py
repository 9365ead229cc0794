"""What one is told, and telling others."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import IdempotencyKey, NotificationManager, ProfileReader, ProfileWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.accounts import UserNotFound
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.notifications import NotificationNotFound, Unreachable
from app.schemas.notifications import (
    NotificationListing,
    NotificationQuery,
    NotificationRead,
    NotificationSend,
    NotificationSent,
    notification_read,
    notification_sent,
    notifications_read,
)

router = stem("notifications", prefix=f"{API}/notifications")
NOTIFICATION = Answers(notification_read)
NOTIFICATIONS = Answers(notifications_read)
SENT = Answers(notification_sent)


@router.get(
    "",
    response_model=NotificationListing,
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(NotificationQuery),
)
async def list_notifications(visitor: ProfileReader, request: Request) -> Response:
    """List what one was told, the newest first, and how much of all is unread."""
    query = queries.read(request, NotificationQuery)
    async with visitor.reading() as caller:
        inbox = await caller.services.notifications.inbox(
            caller.actor, query.wanted(), query.page(), locale=visitor.locale
        )
    return NOTIFICATIONS.ok(inbox)


@router.post(
    "",
    response_model=NotificationSent,
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(
        Forbidden, UserNotFound, Unreachable, IdempotencyKeyInUse, IdempotencyKeyReused
    ),
)
async def send_notification(
    visitor: NotificationManager, body: NotificationSend, key: IdempotencyKey = None
) -> Response:
    """Tell somebody something in words of one's own, by one channel."""
    async with visitor.writing(key) as caller:
        told = await caller.services.notifications.send(
            caller.actor, body.user_id, body.message, body.type
        )
        return await caller.answer(SENT.accepted(told))


@router.post("/read-all", status_code=status.HTTP_204_NO_CONTENT, responses=problems())
async def read_all_notifications(visitor: ProfileWriter) -> Response:
    """Mark all that one was told so far as read."""
    async with visitor.writing() as caller:
        await caller.services.notifications.read_all(caller.actor)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post(
    "/{notification_id}/read",
    response_model=NotificationRead,
    responses=problems(NotificationNotFound),
)
async def read_notification(visitor: ProfileWriter, notification_id: UUID) -> Response:
    """Mark one as read; when it was first stays."""
    async with visitor.writing() as caller:
        shown = await caller.services.notifications.read(
            caller.actor, notification_id, locale=visitor.locale
        )
    return NOTIFICATION.ok(shown)
