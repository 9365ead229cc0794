"""Tickets as the API shows them."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, cast

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.printing import LARGEST_QR, SMALLEST_QR
from app.domain.ticket_transfers import Attendee
from app.domain.tickets import ShownTicket, TicketSort, TicketStatus
from app.schemas.accounts import Email
from app.schemas.base import Line, ListQuery, Number, Request
from app.schemas.bookings import AnId

SOME_CODE: Final = "AQGXpsJ8HnpVjV4_HJoLLU4BlwanF6wefFWNXj8cmgstTgAA" + "x" * 84
ShownStatus = Literal[TicketStatus.VALID, TicketStatus.CHECKED_IN, TicketStatus.CANCELLED]
Name = Annotated[Line, Field(min_length=1, max_length=150, examples=["Grace Hopper"])]


class TicketRead(TypedDict):
    id: AnId
    booking_id: AnId
    event_id: AnId
    code: Annotated[str | None, Field(examples=[SOME_CODE])]
    """What its square says; null once it is cancelled, and for who may not let people in."""
    ticket_type_id: AnId
    ticket_type: Annotated[str, Field(examples=["Standard"])]
    attendee_name: Annotated[str | None, Field(examples=["Grace Hopper"])]
    attendee_email: Annotated[str | None, Field(examples=["grace@example.com"])]
    status: ShownStatus
    checked_in_at: Annotated[datetime | None, Field(examples=[None])]


def ticket_read(shown: ShownTicket) -> TicketRead:
    ticket = shown.ticket
    return {
        "id": ticket.id,
        "booking_id": ticket.booking_id,
        "event_id": ticket.event_id,
        "code": shown.code,
        "ticket_type_id": ticket.ticket_type_id,
        "ticket_type": ticket.ticket_type,
        "attendee_name": ticket.attendee_name,
        "attendee_email": ticket.attendee_email,
        "status": cast(ShownStatus, ticket.status),
        "checked_in_at": ticket.checked_in_at,
    }


class TicketQuery(ListQuery):
    sort: TicketSort = TicketSort.OLDEST

    def page(self) -> PageRequest[TicketSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


class QrQuery(Request):
    size: Annotated[Number, Field(ge=SMALLEST_QR, le=LARGEST_QR, examples=[400])] = 400
    """Pixels, of each side."""


class TicketTransfer(Request):
    """Who comes with it from now on; what is left out is not known of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"attendee_name": "Grace Hopper", "attendee_email": "grace@example.com"}]
        }
    )

    attendee_name: Name | None = None
    attendee_email: Annotated[Email | None, Field(validate_default=True)] = None
    """Where the ticket is sent."""

    @field_validator("attendee_email")
    @classmethod
    def _somebody(cls, email: str | None, info: ValidationInfo) -> str | None:
        if email is None and info.data.get("attendee_name", "") is None:
            raise ValueError("Give a name or an e-mail address.")
        return email

    def attendee(self) -> Attendee:
        return Attendee(self.attendee_name, self.attendee_email)


def _binary(kind: str) -> dict[str, Any]:
    return {"content": {kind: {"schema": {"type": "string", "format": "binary"}}}}


SVG: Final = _binary("image/svg+xml")
PNG: Final = _binary("image/png")
PDF: Final = _binary("application/pdf")
