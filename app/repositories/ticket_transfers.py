"""Every statement by which a ticket changes hands."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, SmallInteger, String, Uuid, bindparam, select, update

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Query
from app.domain.booking_changes import ChangeKind
from app.domain.ticket_transfers import Attendee
from app.domain.tickets import NamedTicket, Ticket, TicketStatus
from app.models import Bookings, Tickets, TicketTypes
from app.repositories.base import columns
from app.repositories.booking_changes import noted

# Only while it is as it was seen: whoever scans it asks for no other lock than the ticket's own.
HANDED: Final = (
    update(Tickets)
    .where(
        Tickets.id == bindparam("ticket_id", type_=Uuid),
        Tickets.status == TicketStatus.VALID,
        Tickets.code_version == bindparam("seen", type_=SmallInteger),
    )
    .values(
        attendee_name=bindparam("name", type_=String),
        attendee_email=bindparam("email", type_=String),
        code_version=Tickets.code_version + 1,
    )
    .returning(*columns(Tickets, Ticket))
    .cte("handed")
)
OF_BOOKING: Final = (
    select(Bookings.id, Bookings.status)
    .join(HANDED, HANDED.c.booking_id == Bookings.id)
    .cte("of_booking")
)
TRANSFER: Final = Query(
    select(*HANDED.c, TicketTypes.name.label("ticket_type"))
    .join(TicketTypes, TicketTypes.id == HANDED.c.ticket_type_id)
    .add_cte(
        noted(
            OF_BOOKING,
            ChangeKind.TRANSFERRED,
            at=bindparam("now", type_=DateTime(timezone=True)),
            reason=None,
        )
    ),
    NamedTicket,
)


class TicketTransferRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def transfer(
        self, seen: Ticket, attendee: Attendee, *, actor_id: UUID, now: datetime
    ) -> NamedTicket | None:
        """Give it to somebody, noted; None if it was let in or changed since it was seen.

        The codes before are good no more. The booking must be locked.
        """
        return await self.connection.first(
            TRANSFER,
            ticket_id=seen.id,
            seen=seen.code_version,
            name=attendee.name,
            email=attendee.email,
            actor_id=actor_id,
            change_id=new_id(),
            now=now,
        )
