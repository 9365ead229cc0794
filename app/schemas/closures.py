"""Days on which the whole business is closed as the API shows them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.closures import Closure, ClosureFilter, ClosureSort
from app.schemas.base import Day, Flag, Line, ListQuery, Request

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_DAY = "2030-12-25"
NEXT_DAY = "2030-12-26"


class ClosureCreate(Request):
    first_day: Annotated[Day, Field(examples=[SOME_DAY])]
    last_day: Annotated[Day, Field(examples=[NEXT_DAY])] | None = None
    """The first day by default; at most a year of days."""
    name: Annotated[Line, Field(min_length=1, max_length=100, examples=["Christmas"])]
    force: Flag = False
    """Even if bookings stand on these days; they stay booked."""


class ClosureRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    first_day: Annotated[date, Field(examples=[SOME_DAY])]
    last_day: Annotated[date, Field(examples=[NEXT_DAY])]
    name: Annotated[str, Field(examples=["Christmas"])]
    created_at: Annotated[datetime, Field(examples=["2030-03-04T09:00:00Z"])]


def closure_read(closure: Closure) -> ClosureRead:
    return {
        "id": closure.id,
        "first_day": closure.first_day,
        "last_day": closure.last_day,
        "name": closure.name,
        "created_at": closure.created_at,
    }


class ClosureQuery(ListQuery):
    sort: ClosureSort = ClosureSort.FIRST
    from_day: Annotated[Day | None, Field(alias="from")] = None
    """Closed on this day or later."""
    to_day: Annotated[Day | None, Field(alias="to")] = None
    """Closed on this day or earlier."""

    def wanted(self) -> ClosureFilter:
        return ClosureFilter(self.from_day, self.to_day)

    def page(self) -> PageRequest[ClosureSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
