"""What somebody was told, as it stands in all that is kept of them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.notification_deliveries import DeliveryState
from app.domain.notifications import Channel, Kind
from app.schemas.accounts import SOME_ID, AnId, ATime


class NotificationKept(TypedDict):
    id: AnId
    kind: Annotated[Kind, Field(examples=["booking_confirmed"])]
    facts: Annotated[dict[str, Any], Field(examples=[{"booking_id": SOME_ID}])]
    created_at: ATime
    read_at: Annotated[datetime | None, Field(examples=[None])]


class NotificationDeliveryKept(TypedDict):
    notification_id: AnId
    channel: Annotated[Channel, Field(examples=["email"])]
    state: Annotated[DeliveryState, Field(examples=["sent"])]
    sent_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime


class NotificationPreferencesKept(TypedDict):
    """What was chosen; quiet hours in minutes after midnight."""

    choices: Annotated[dict[str, dict[str, bool]], Field(examples=[{"reminder": {"sms": True}}])]
    quiet_start: Annotated[int | None, Field(examples=[1320])]
    quiet_end: Annotated[int | None, Field(examples=[480])]
