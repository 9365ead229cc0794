"""Dates with hours of their own as the API shows them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.overrides import Override, OverrideFilter, OverrideSort
from app.schemas.base import Day, Flag, ListQuery, Request
from app.schemas.schedules import End, Start, minutes, shown

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


class DayWindowGiven(Request):
    """Wall time of the provider's zone; an end before the start lies on the next day."""

    start: Start
    end: End


class OverrideCreate(Request):
    date: Annotated[Day, Field(examples=["2030-12-24"])]
    windows: Annotated[list[DayWindowGiven], Field(max_length=50)] = Field(default_factory=list)
    """These and no others; none: closed."""
    force: Flag = False
    """Even if bookings lie outside of them; these stay booked."""

    def given(self) -> list[tuple[int, int]]:
        return [(minutes(window.start), minutes(window.end)) for window in self.windows]


class DayWindowRead(TypedDict):
    start: Annotated[str, Field(examples=["09:00"])]
    end: Annotated[str, Field(examples=["12:00"])]


class OverrideRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    date: Annotated[date, Field(examples=["2030-12-24"])]
    windows: list[DayWindowRead]


def override_read(override: Override) -> OverrideRead:
    return {
        "id": override.id,
        "date": override.day,
        "windows": [{"start": shown(start), "end": shown(end)} for start, end in override.windows],
    }


class OverrideQuery(ListQuery):
    sort: OverrideSort = OverrideSort.FIRST
    from_day: Annotated[Day | None, Field(alias="from")] = None
    """This day and later ones."""
    to_day: Annotated[Day | None, Field(alias="to")] = None
    """This day and earlier ones."""

    def wanted(self, provider_id: UUID) -> OverrideFilter:
        return OverrideFilter(provider_id, self.from_day, self.to_day)

    def page(self) -> PageRequest[OverrideSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
