"""Notifications on their way, as those who work here see them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.notification_deliveries import (
    DeliveryFilter,
    DeliverySort,
    DeliveryState,
    LoggedDelivery,
)
from app.domain.notifications import Channel, Kind
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import Id, ListQuery


class DeliveryRead(TypedDict):
    id: AnId
    notification_id: AnId
    user_id: Annotated[
        UUID | None,
        Field(description="Nobody of who comes with a ticket.", examples=[SOME_ID]),
    ]
    kind: Annotated[Kind, Field(examples=["booking_confirmed"])]
    channel: Annotated[Channel, Field(examples=["email"])]
    state: Annotated[DeliveryState, Field(examples=["sent"])]
    attempts: Annotated[int, Field(examples=[1])]
    due_at: ATime
    sent_at: Annotated[datetime | None, Field(examples=["2030-01-31T09:00:00Z"])]
    reference: Annotated[
        str | None, Field(description="What the vendor calls it.", examples=[None])
    ]
    error: Annotated[str | None, Field(examples=["smtp 550"])]
    created_at: ATime
    updated_at: ATime


def delivery_read(one: LoggedDelivery) -> DeliveryRead:
    return {
        "id": one.id,
        "notification_id": one.notification_id,
        "user_id": one.user_id,
        "kind": one.kind,
        "channel": one.channel,
        "state": one.state,
        "attempts": one.attempts,
        "due_at": one.due_at,
        "sent_at": one.sent_at,
        "reference": one.reference,
        "error": one.error,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


class DeliveryQuery(ListQuery):
    sort: DeliverySort = DeliverySort.NEWEST
    user_id: Id | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    state: DeliveryState | None = None

    def wanted(self) -> DeliveryFilter:
        return DeliveryFilter(self.user_id, self.kind, self.channel, self.state)

    def page(self) -> PageRequest[DeliverySort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
