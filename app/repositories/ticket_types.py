"""Every statement about the ticket types of an event; its seats must be locked to change one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.bookings import HasBookings
from app.domain.events import CapacityTaken, TicketType
from app.domain.ticket_types import TicketTypeFilter, TicketTypeSort
from app.models import TicketTypes
from app.repositories.base import Listing, parameters, values
from app.repositories.events import TYPE

FIXED: Final = ("id", "event_id", "taken", "created_at")  # what is taken, bookings alone count
CHANGING: Final = [name for name in TicketType.__slots__ if name not in FIXED]
TYPE_ID: Final = bindparam("ticket_type_id", type_=Uuid)

LOCK: Final = Query(
    select(TicketTypes.id)
    .where(TicketTypes.event_id == bindparam("event_id", type_=Uuid))
    .order_by(TicketTypes.id)
    .with_for_update(),
    lambda id_: id_,
)
ADD: Final = Command(insert(TicketTypes).values(parameters(TicketTypes, TicketType)))
CHANGE: Final = Command(
    update(TicketTypes)
    .where(TicketTypes.id == TYPE_ID)
    .values({name: bindparam(name, type_=TicketTypes.__table__.c[name].type) for name in CHANGING}),
    violations={"ck_ticket_types_taken": CapacityTaken},
)
REMOVE: Final = Command(
    delete(TicketTypes).where(TicketTypes.id == any_(bindparam("ids", type_=ARRAY(Uuid)))),
    violations={"fk_tickets_ticket_type_id_ticket_types": HasBookings},
)
MATCHING: Final = Listing(
    TicketTypes,
    TicketType,
    shown=[column.label(name) for name, column in TYPE.items()],
    filters={"event_id": TicketTypes.event_id == bindparam("event_id")},
    sorts={
        "created_at": TicketTypes.created_at,
        "name": TicketTypes.name,
        "price": TicketTypes.price_amount,
    },
)


class TicketTypeRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock_all(self, event_id: UUID) -> None:
        """Lock the types of an event until the transaction ends, in the order of their ids."""
        await self.connection.all(LOCK, event_id=event_id)

    async def add(self, ticket_type: TicketType) -> None:
        await self.connection.run(ADD, **values(ticket_type))

    async def change(self, ticket_type: TicketType) -> None:
        """Write it over what is there; refuse with CapacityTaken fewer seats than are taken."""
        written = {name: getattr(ticket_type, name) for name in CHANGING}
        await self.connection.run(CHANGE, ticket_type_id=ticket_type.id, **written)

    async def remove(self, ticket_type_ids: Sequence[UUID]) -> None:
        """Delete these; refuse with HasBookings if one was ever sold."""
        await self.connection.run(REMOVE, ids=list(ticket_type_ids))

    async def matching(
        self,
        wanted: TicketTypeFilter,
        request: PageRequest[TicketTypeSort],
        *,
        now: datetime,
    ) -> Page[TicketType]:
        return await MATCHING.page(self.connection, wanted, request, now=now)
