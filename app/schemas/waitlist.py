"""Waiting for seats, as the API shows it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.waitlist import WaitlistEntry, WaitlistFilter, WaitlistSort, WaitlistStatus
from app.schemas.base import ListQuery, Request
from app.schemas.bookings import SOME_ID, AnId, ATime, Seats


class WaitlistJoin(Request):
    seats: Seats = 1


class WaitlistEntryRead(TypedDict):
    id: AnId
    event_id: AnId
    user_id: AnId
    seats: Annotated[int, Field(examples=[2])]
    position: Annotated[int | None, Field(examples=[1])]
    """How near one is, the next being 1; null once one waits no longer."""
    status: WaitlistStatus
    offer_expires_at: Annotated[datetime | None, Field(examples=[None])]
    """Until when the seats are kept that were offered."""
    booking_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    """What came of the offer."""
    created_at: ATime
    updated_at: ATime


def waitlist_entry_read(entry: WaitlistEntry) -> WaitlistEntryRead:
    return {
        "id": entry.id,
        "event_id": entry.event_id,
        "user_id": entry.user_id,
        "seats": entry.seats,
        "position": entry.position,
        "status": entry.status,
        "offer_expires_at": entry.offer_expires_at,
        "booking_id": entry.booking_id,
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
    }


class WaitlistQuery(ListQuery):
    sort: WaitlistSort = WaitlistSort.PLACE
    status: WaitlistStatus | None = None

    def wanted(self, event_id: UUID) -> WaitlistFilter:
        return WaitlistFilter(event_id, self.status)

    def page(self) -> PageRequest[WaitlistSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
