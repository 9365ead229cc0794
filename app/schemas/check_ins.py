"""What is sent and told at the door of an event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.check_ins import CheckInFilter, CheckInSort, DoorTicket, Scan, TypeFigures
from app.domain.tickets import TicketStatus
from app.schemas.base import Flag, Id, Instant, Line, ListQuery, Request
from app.schemas.bookings import AnId
from app.schemas.tickets import SOME_CODE, ShownStatus

Code = Annotated[str, Field(min_length=1, max_length=500, examples=[SOME_CODE])]
Nonce = Annotated[str, Field(pattern=r"^[!-~]{1,100}$", examples=["door-2/000417"])]


class CheckInCreate(Request):
    code: Code
    nonce: Nonce | None = None
    """Made up for each scan, 1 to 100 visible ASCII: sent again with it, it is the same scan."""
    force: Flag = False
    """It was scanned offline: whoever it is, they are in, and only a good ticket counts."""
    scanned_at: Instant | None = None
    """When, if not now."""

    def scan(self) -> Scan:
        return Scan(self.code, self.nonce, self.force, self.scanned_at)


class CheckInUndo(Request):
    """The code that was scanned, or the id of the ticket."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": SOME_CODE}]})

    code: Code | None = None
    ticket_id: Annotated[Id | None, Field(validate_default=True)] = None

    @field_validator("ticket_id")
    @classmethod
    def _one_of_them(cls, ticket_id: UUID | None, info: ValidationInfo) -> UUID | None:
        if "code" in info.data and (ticket_id is None) == (info.data["code"] is None):
            raise ValueError("Give a code or the id of a ticket, and not both.")
        return ticket_id


class DoorTicketRead(TypedDict):
    ticket_id: AnId
    booking_id: AnId
    attendee_name: Annotated[str | None, Field(examples=["Grace Hopper"])]
    customer_name: Annotated[str | None, Field(examples=["Ada Lovelace"])]
    ticket_type: Annotated[str, Field(examples=["Standard"])]
    status: ShownStatus
    checked_in_at: Annotated[datetime | None, Field(examples=[None])]


def door_ticket_read(ticket: DoorTicket) -> DoorTicketRead:
    return {
        "ticket_id": ticket.ticket_id,
        "booking_id": ticket.booking_id,
        "attendee_name": ticket.attendee_name,
        "customer_name": ticket.customer_name,
        "ticket_type": ticket.ticket_type,
        "status": cast(ShownStatus, ticket.status),
        "checked_in_at": ticket.checked_in_at,
    }


class CheckInQuery(ListQuery):
    sort: CheckInSort = CheckInSort.OLDEST
    status: ShownStatus | None = None
    q: Annotated[Line, Field(min_length=1, max_length=100, examples=["hopper"])] | None = None
    """Part of a name or an e-mail address: the attendee's or the customer's."""

    def wanted(self, event_id: UUID) -> CheckInFilter:
        return CheckInFilter(event_id, cast(TicketStatus | None, self.status), self.q)

    def page(self) -> PageRequest[CheckInSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


class TypeFiguresRead(TypedDict):
    ticket_type_id: AnId
    name: Annotated[str, Field(examples=["Standard"])]
    sold: Annotated[int, Field(examples=[40])]
    checked_in: Annotated[int, Field(examples=[31])]


class FiguresRead(TypedDict):
    """Tickets that are held until they are paid are not sold yet."""

    sold: Annotated[int, Field(examples=[40])]
    checked_in: Annotated[int, Field(examples=[31])]
    by_type: list[TypeFiguresRead]


def figures_read(figures: Sequence[TypeFigures]) -> FiguresRead:
    return {
        "sold": sum(one.sold for one in figures),
        "checked_in": sum(one.checked_in for one in figures),
        "by_type": [
            {
                "ticket_type_id": one.ticket_type_id,
                "name": one.name,
                "sold": one.sold,
                "checked_in": one.checked_in,
            }
            for one in figures
        ],
    }
