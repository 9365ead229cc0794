"""What people are told, as the API shows it."""

from datetime import datetime
from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.notifications import (
    LONGEST_MESSAGE,
    Channel,
    Inbox,
    Kind,
    Notification,
    NotificationFilter,
    NotificationSort,
    ShownNotification,
)
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import Id, ListQuery, Request, Text, listing


class NotificationSend(Request):
    user_id: Id
    message: Annotated[
        Text,
        Field(min_length=1, max_length=LONGEST_MESSAGE, examples=["We open at ten on Monday."]),
    ]
    type: Annotated[Channel, Field(examples=["email"])]
    """By which channel; they may have switched it off."""


class NotificationSent(TypedDict):
    id: AnId
    user_id: AnId
    kind: Annotated[Kind, Field(examples=["message"])]
    created_at: ATime


class NotificationRead(TypedDict):
    id: AnId
    kind: Annotated[Kind, Field(examples=["booking_confirmed"])]
    title: Annotated[str, Field(examples=["Your booking is confirmed"])]
    text: Annotated[str, Field(examples=["Haircut, Monday, March 4, 2030, 11:00 AM"])]
    data: Annotated[
        dict[str, Any],
        Field(
            description="Ids of what it is about: `booking_id`, `event_id`, `payment_id`, ...",
            examples=[{"booking_id": SOME_ID}],
        ),
    ]
    read_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime


class NotificationListing(TypedDict):
    items: list[NotificationRead]
    next_cursor: Annotated[str | None, Field(examples=["Zm9vYmFyYmF6"])]
    total: NotRequired[Annotated[int, Field(examples=[42])]]
    unread: Annotated[int, Field(description="Of all, not of this page alone.", examples=[3])]


class NotificationQuery(ListQuery):
    sort: NotificationSort = NotificationSort.NEWEST
    unread: bool = False
    """Only what was not read yet."""

    def wanted(self) -> NotificationFilter:
        return NotificationFilter(unread=self.unread or None)

    def page(self) -> PageRequest[NotificationSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


def notification_read(shown: ShownNotification) -> NotificationRead:
    one = shown.notification
    return {
        "id": one.id,
        "kind": one.kind,
        "title": shown.title,
        "text": shown.text,
        "data": {name: str(value) for name, value in one.facts.ids().items()},
        "read_at": one.read_at,
        "created_at": one.created_at,
    }


READ_ITEMS = listing(notification_read)


def notifications_read(inbox: Inbox) -> NotificationListing:
    return {**READ_ITEMS(inbox.page), "unread": inbox.unread}


def notification_sent(told: Notification) -> NotificationSent:
    assert told.user_id is not None  # somebody was named
    return {
        "id": told.id,
        "user_id": told.user_id,
        "kind": told.kind,
        "created_at": told.created_at,
    }
