"""Waiting for a time with a provider, as the API shows it."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.slot_waits import (
    MOST_WINDOWS,
    SlotWait,
    SlotWaitFilter,
    SlotWaitSort,
)
from app.domain.waitlist import WaitlistStatus
from app.schemas.base import Day, Id, ListQuery, Request
from app.schemas.bookings import SOME_ID, SOME_TIME, AnId, ATime
from app.schemas.overrides import DayWindowGiven, DayWindowRead
from app.schemas.schedules import minutes, shown

A_DAY = 1440


class SlotWaitJoin(Request):
    """Days in the provider's zone, the last one included; hours are when the visit may start."""

    provider_id: Id | None = None
    """Nobody named: whoever performs the service."""
    from_day: Annotated[Day, Field(alias="from", examples=["2030-03-04"])]
    to_day: Annotated[Day, Field(alias="to", examples=["2030-03-08"])]
    windows: Annotated[list[DayWindowGiven], Field(max_length=MOST_WINDOWS)] = Field(
        default_factory=list
    )
    """None: any hour."""

    def given(self) -> list[list[int]]:
        return [_span(window) for window in self.windows]


SlotWaitDays = TypedDict(  # since `from` is a word of the language
    "SlotWaitDays",
    {
        "from": Annotated[date, Field(examples=["2030-03-04"])],
        "to": Annotated[date, Field(examples=["2030-03-08"])],
    },
)


class SlotWaitRead(SlotWaitDays):
    id: AnId
    service_id: AnId
    provider_id: Annotated[UUID | None, Field(examples=[None])]
    user_id: AnId
    windows: list[DayWindowRead]
    status: WaitlistStatus
    offered_provider_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    """Whose time is kept, or was."""
    offer_starts_at: Annotated[datetime | None, Field(examples=[SOME_TIME])]
    """What is kept, or was: book it as always."""
    offer_expires_at: Annotated[datetime | None, Field(examples=[SOME_TIME])]
    booking_id: Annotated[UUID | None, Field(examples=[None])]
    """What was booked."""
    created_at: ATime
    updated_at: ATime


def slot_wait_read(wait: SlotWait) -> SlotWaitRead:
    return {
        "id": wait.id,
        "service_id": wait.service_id,
        "provider_id": wait.provider_id,
        "user_id": wait.user_id,
        "from": wait.first_day,
        "to": wait.last_day,
        "windows": [
            {"start": shown(start), "end": shown(end)} for start, end in wait.windows or ()
        ],
        "status": wait.status,
        "offered_provider_id": wait.offered_by,
        "offer_starts_at": wait.offer_starts_at,
        "offer_expires_at": wait.offer_expires_at,
        "booking_id": wait.booking_id,
        "created_at": wait.created_at,
        "updated_at": wait.updated_at,
    }


class SlotWaitQuery(ListQuery):
    sort: SlotWaitSort = SlotWaitSort.JOINED
    status: WaitlistStatus | None = None

    def wanted(self, service_id: UUID) -> SlotWaitFilter:
        return SlotWaitFilter(service_id, self.status)

    def page(self) -> PageRequest[SlotWaitSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


def _span(window: DayWindowGiven) -> list[int]:
    """Return it in minutes from midnight; an end not after the start lies on the next day."""
    start, end = minutes(window.start), minutes(window.end)
    return [start, end if end > start else end + A_DAY]
