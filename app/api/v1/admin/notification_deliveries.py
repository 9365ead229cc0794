"""What became of what people were told, channel by channel."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import NotificationManager
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.notification_deliveries import DeliveryNotFound, DeliveryUnderWay
from app.schemas.base import Listing, listing
from app.schemas.notification_deliveries import DeliveryQuery, DeliveryRead, delivery_read

router = stem("notification-deliveries", prefix=f"{API}/admin/notification-deliveries")
DELIVERY = Answers(delivery_read)
DELIVERIES = Answers(listing(delivery_read))


@router.get(
    "",
    response_model=Listing[DeliveryRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(DeliveryQuery),
)
async def list_notification_deliveries(visitor: NotificationManager, request: Request) -> Response:
    """List what was sent or is to be, the newest first."""
    query = queries.read(request, DeliveryQuery)
    async with visitor.reading() as caller:
        page = await caller.services.notification_deliveries.list(
            caller.actor, query.wanted(), query.page()
        )
    return DELIVERIES.ok(page)


@router.post(
    "/{delivery_id}/resend",
    response_model=DeliveryRead,
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(Forbidden, DeliveryNotFound, DeliveryUnderWay),
)
async def resend_notification(visitor: NotificationManager, delivery_id: UUID) -> Response:
    """Send something once more, if it is still so."""
    async with visitor.writing() as caller:
        delivery = await caller.services.notification_deliveries.resend(caller.actor, delivery_id)
    return DELIVERY.accepted(delivery)
