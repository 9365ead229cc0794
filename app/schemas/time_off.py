"""Being away as the API shows it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.time_off import TimeOff, TimeOffFilter, TimeOffSort
from app.schemas.base import Flag, Instant, Line, ListQuery, Request

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_START = "2030-07-01T00:00:00Z"
SOME_END = "2030-07-15T00:00:00Z"


class TimeOffCreate(Request):
    starts_at: Annotated[Instant, Field(examples=[SOME_START])]
    ends_at: Annotated[Instant, Field(examples=[SOME_END])]
    reason: Annotated[Line, Field(max_length=200, examples=["Holidays"])] | None = None
    """Shown to the provider and to administrators, and to nobody else."""
    force: Flag = False
    """Even if bookings stand in it; these stay booked."""


class TimeOffRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    starts_at: Annotated[datetime, Field(examples=[SOME_START])]
    ends_at: Annotated[datetime, Field(examples=[SOME_END])]
    reason: Annotated[str | None, Field(examples=["Holidays"])]
    created_at: Annotated[datetime, Field(examples=["2030-03-04T09:00:00Z"])]


def time_off_read(away: TimeOff) -> TimeOffRead:
    return {
        "id": away.id,
        "starts_at": away.starts_at,
        "ends_at": away.ends_at,
        "reason": away.reason,
        "created_at": away.created_at,
    }


class TimeOffQuery(ListQuery):
    sort: TimeOffSort = TimeOffSort.SOONEST
    since: Annotated[Instant | None, Field(alias="from")] = None
    """Ending after this."""
    until: Annotated[Instant | None, Field(alias="to")] = None
    """Starting before this."""

    def wanted(self, provider_id: UUID) -> TimeOffFilter:
        return TimeOffFilter(provider_id, self.since, self.until)

    def page(self) -> PageRequest[TimeOffSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
