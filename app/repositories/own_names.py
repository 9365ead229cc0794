"""Every statement that takes a person's name out of what their events are called, and stays."""

from typing import Final
from uuid import UUID

from sqlalchemy import (
    String,
    Uuid,
    bindparam,
    column,
    func,
    literal,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.privacy import OwnName
from app.models import Bookings, Events, TicketTypes

USER: Final = bindparam("user_id", type_=Uuid)
NAMED: Final = Query(
    union_all(
        select(Events.id, Events.title.label("name"), literal(True).label("is_event")).where(
            Events.organizer_id == USER
        ),
        select(TicketTypes.id, TicketTypes.name, literal(False))
        .join(Events, Events.id == TicketTypes.event_id)
        .where(Events.organizer_id == USER),
    )
    .subquery()
    .select(),
    OwnName,
)
NEW_NAME: Final = bindparam("new_name", type_=String)
RETITLE: Final = Command(
    update(Events)
    .where(Events.id == bindparam("named_id", type_=Uuid))
    .values(title=func.left(NEW_NAME, 150))
)
RENAME: Final = Command(
    update(TicketTypes)
    .where(TicketTypes.id == bindparam("named_id", type_=Uuid))
    .values(name=func.left(NEW_NAME, 100))
)
# What seats were sold as is called in bookings as the ticket types are called by then.
SOLD: Final = (
    func.jsonb_array_elements(Bookings.items, type_=JSONB)
    .table_valued(column("item", JSONB), with_ordinality="place", name="sold")
    .render_derived()
)
RENAME_SOLD: Final = Command(
    update(Bookings)
    .where(Bookings.organizer_id == USER, Bookings.items.is_not(None))
    .values(
        items=select(
            func.jsonb_agg(
                aggregate_order_by(
                    func.jsonb_set(
                        SOLD.c.item, text("'{1}'"), func.to_jsonb(TicketTypes.name), type_=JSONB
                    ),
                    SOLD.c.place,
                ),
                type_=JSONB,
            )
        )
        .select_from(SOLD.join(TicketTypes, TicketTypes.id == SOLD.c.item.op("->>")(0).cast(Uuid)))
        .correlate(Bookings)
        .scalar_subquery()
    )
)


class OwnNameRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def named(self, user_id: UUID) -> list[OwnName]:
        """Return what their events and the ticket types of these are called."""
        return await self.connection.all(NAMED, user_id=user_id)

    async def rename(self, named: OwnName) -> None:
        statement = RETITLE if named.is_event else RENAME
        await self.connection.run(statement, named_id=named.id, new_name=named.name)

    async def rename_sold(self, user_id: UUID) -> None:
        """Let bookings of their events name what was sold as it is called now."""
        await self.connection.run(RENAME_SOLD, user_id=user_id)
