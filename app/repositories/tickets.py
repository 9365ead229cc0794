"""Every statement that reads tickets: of a booking, or to be printed."""

from dataclasses import fields
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, select

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Query
from app.domain.tickets import (
    NamedTicket,
    TicketAtEvent,
    TicketFilter,
    TicketSort,
    TicketStatus,
)
from app.models import Bookings, Events, Tickets, TicketTypes
from app.repositories.base import Listing

TICKET_TYPE: Final = TicketTypes.name.label("ticket_type")
ELSEWHERE: Final[dict[str, ColumnElement[Any]]] = {
    "ticket_type": TICKET_TYPE,
    "title": Events.title.expression,
    "event_status": Events.status.label("event_status"),
    "starts_at": Events.starts_at.expression,
    "ends_at": Events.ends_at.expression,
    "timezone": Events.timezone.expression,
    "location": Events.location.expression,
    "customer_id": Bookings.customer_id.expression,
    "items": Bookings.items.expression,
    "price_currency": Bookings.price_currency.expression,
}
AT_EVENT: Final = (
    select(
        *(
            ELSEWHERE[field.name] if field.name in ELSEWHERE else Tickets.__table__.c[field.name]
            for field in fields(TicketAtEvent)
        )
    )
    .select_from(Tickets)
    .join(TicketTypes, TicketTypes.id == Tickets.ticket_type_id)
    .join(Events, Events.id == Tickets.event_id)
    .join(Bookings, Bookings.id == Tickets.booking_id)
)
OF_BOOKING: Final = Tickets.booking_id == bindparam("booking_id", type_=Uuid)
BY_ID: Final = Tickets.id == bindparam("ticket_id", type_=Uuid)
GET: Final = Query(AT_EVENT.where(BY_ID), TicketAtEvent)
GET_OF_BOOKING: Final = Query(AT_EVENT.where(OF_BOOKING, BY_ID), TicketAtEvent)
VALID: Final = Query(
    AT_EVENT.where(OF_BOOKING, Tickets.status == TicketStatus.VALID).order_by(Tickets.id),
    TicketAtEvent,
)

NAMED: Final = [
    *(Tickets.__table__.c[field.name] for field in fields(NamedTicket)[:-1]),
    TICKET_TYPE,
]
MATCHING: Final = Listing(
    Tickets,
    NamedTicket,
    shown=NAMED,
    source=Tickets.__table__.join(TicketTypes.__table__, TicketTypes.id == Tickets.ticket_type_id),
    filters={"booking_id": and_(OF_BOOKING, Tickets.status != TicketStatus.HELD)},
    sorts={"created_at": Tickets.id},  # which are made in the order of time
)


class TicketRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, ticket_id: UUID) -> TicketAtEvent | None:
        return await self.connection.first(GET, ticket_id=ticket_id)

    async def get_of(self, booking_id: UUID, ticket_id: UUID) -> TicketAtEvent | None:
        """Return a ticket if it is one of that booking."""
        return await self.connection.first(
            GET_OF_BOOKING, booking_id=booking_id, ticket_id=ticket_id
        )

    async def valid(self, booking_id: UUID) -> list[TicketAtEvent]:
        """Return those with which somebody can still come."""
        return await self.connection.all(VALID, booking_id=booking_id)

    async def matching(
        self, wanted: TicketFilter, request: PageRequest[TicketSort]
    ) -> Page[NamedTicket]:
        """Return a page of them, without those that are held."""
        return await MATCHING.page(self.connection, wanted, request)
