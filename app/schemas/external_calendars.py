"""Calendars elsewhere, as the provider they keep busy sees them."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.external_calendars import ExternalCalendar, ExternalCalendarSort
from app.schemas.accounts import AnId, ATime
from app.schemas.base import Line, ListQuery, Request

SOME_URL: Final = "https://calendar.example.com/private-5f0c2a9e/basic.ics"
Name = Annotated[str, Field(examples=["My calendar at home"])]


class ExternalCalendarCreate(Request):
    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["My calendar at home"])]
    url: Annotated[Line, Field(min_length=1, max_length=2000, examples=[SOME_URL])]
    """The address of an iCalendar file: https or webcal, without a login in it."""


class ExternalCalendarRead(TypedDict):
    id: AnId
    name: Name
    url: Annotated[
        str,
        Field(description="Whole for the provider, its host for others.", examples=[SOME_URL]),
    ]
    fetched_at: Annotated[
        datetime | None,
        Field(description="When it was last read.", examples=["2030-01-31T09:15:00Z"]),
    ]
    failed_at: Annotated[
        datetime | None,
        Field(
            description="When that last failed, if not read since; what was known holds on.",
            examples=[None],
        ),
    ]
    failure: Annotated[str | None, Field(examples=["The address answers 404."])]
    created_at: ATime


def external_calendar_read(calendar: ExternalCalendar) -> ExternalCalendarRead:
    return {
        "id": calendar.id,
        "name": calendar.name,
        "url": calendar.url,
        "fetched_at": calendar.fetched_at,
        "failed_at": calendar.failed_at,
        "failure": calendar.failure,
        "created_at": calendar.created_at,
    }


class ExternalCalendarQuery(ListQuery):
    sort: ExternalCalendarSort = ExternalCalendarSort.OLDEST

    def page(self) -> PageRequest[ExternalCalendarSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
