"""Changes of bookings as the API asks for them and shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.booking_changes import BookingChange, ChangeKind, ChangeSort
from app.domain.bookings import (
    BookingStatus,
)
from app.schemas.base import Id, Instant, ListQuery, Request, Text
from app.schemas.bookings import SOME_ID, AnId, ATime


class Reschedule(Request):
    starts_at: Instant
    provider_id: Id | None = None
    """Another provider of the same service; by default the one it is booked with."""


class DeclineRequest(Request):
    reason: Annotated[Text, Field(max_length=500, examples=["I am away that day."])] | None = None


class BookingChangeRead(TypedDict):
    """`actor_id` is null for what happened by itself; `status` is how the booking was left."""

    id: AnId
    kind: ChangeKind
    status: BookingStatus
    actor_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    reason: Annotated[str | None, Field(examples=["I am ill."])]
    moved_from: Annotated[datetime | None, Field(examples=[None])]
    moved_to: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime


def change_read(change: BookingChange) -> BookingChangeRead:
    return {
        "id": change.id,
        "kind": change.kind,
        "status": change.status,
        "actor_id": change.actor_id,
        "reason": change.reason,
        "moved_from": change.moved_from,
        "moved_to": change.moved_to,
        "created_at": change.created_at,
    }


class ChangeQuery(ListQuery):
    sort: ChangeSort = ChangeSort.OLDEST

    def page(self) -> PageRequest[ChangeSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
