"""Ticket types as the API shows them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.events import TicketType
from app.domain.ticket_types import TicketTypeSort
from app.schemas.base import (
    ABSENT,
    Id,
    Instant,
    Line,
    ListQuery,
    Money,
    MoneyGiven,
    Request,
    Whole,
    changes,
    money_read,
)

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_TIME = "2030-01-31T09:00:00Z"

Name = Annotated[Line, Field(min_length=1, max_length=100, examples=["Early bird"])]
Capacity = Annotated[Whole, Field(ge=1, le=1_000_000, examples=[50])]
PerBooking = Annotated[Whole, Field(ge=1, le=100, examples=[10])]


class TicketTypeUpdate(Request):
    """What is left out stays as it is; what was booked before keeps its price."""

    name: Name = ABSENT
    price: MoneyGiven = ABSENT
    """In the currency of all others that are not free."""
    capacity: Capacity | None = ABSENT
    """How many there are of it; null: as many as the event has."""
    max_per_booking: PerBooking = ABSENT
    sales_start: Instant | None = ABSENT
    sales_end: Instant | None = ABSENT

    def fields(self) -> dict[str, Any]:
        """Return what is given, by the names of the domain."""
        given = changes(self)
        if "price" in given:
            price = given.pop("price").value()
            given |= {"price_amount": price.amount, "price_currency": price.currency}
        return given


class TicketTypeCreate(TicketTypeUpdate):
    """What is left out takes its default: as many as the event has, ten per booking, on sale."""

    name: Name
    price: MoneyGiven


class TicketTypeGiven(TicketTypeCreate):
    """Of an event that is there already, one is found again by its id, or else by its name."""

    id: Id = ABSENT


class TicketTypeRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    name: Annotated[str, Field(examples=["Early bird"])]
    price: Money
    capacity: Annotated[int, Field(examples=[50])]
    taken: Annotated[int, Field(examples=[12])]
    max_per_booking: Annotated[int, Field(examples=[10])]
    sales_start: Annotated[datetime | None, Field(examples=[None])]
    sales_end: Annotated[datetime | None, Field(examples=[SOME_TIME])]


def ticket_type_read(one: TicketType) -> TicketTypeRead:
    return {
        "id": one.id,
        "name": one.name,
        "price": money_read(one.price),
        "capacity": one.capacity or 0,
        "taken": one.taken,
        "max_per_booking": one.max_per_booking,
        "sales_start": one.sales_start,
        "sales_end": one.sales_end,
    }


class TicketTypeQuery(ListQuery):
    sort: TicketTypeSort = TicketTypeSort.OLDEST

    def page(self) -> PageRequest[TicketTypeSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
