"""Every statement about addresses that nobody is behind."""

from typing import Final
from uuid import UUID

from sqlalchemy import String, Uuid, bindparam, delete, exists, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.notifications import Channel
from app.domain.suppressions import Suppression, SuppressionFilter, SuppressionSort
from app.models import Suppressions
from app.repositories.base import Listing, columns, parameters, values

ADD: Final = Command(
    insert(Suppressions)
    .values(parameters(Suppressions, Suppression))
    .on_conflict_do_nothing(index_elements=[Suppressions.channel, Suppressions.address])
)
HOLDS: Final = Query(
    select(
        exists().where(
            Suppressions.channel == bindparam("channel", type_=Suppressions.channel.type),
            Suppressions.address == bindparam("address", type_=String),
        )
    ),
    bool,
)
REMOVE: Final = Query(
    delete(Suppressions)
    .where(Suppressions.id == bindparam("id", type_=Uuid))
    .returning(*columns(Suppressions, Suppression)),
    Suppression,
)
MATCHING: Final = Listing(
    Suppressions,
    Suppression,
    filters={
        "channel": Suppressions.channel == bindparam("channel"),
        "address": Suppressions.address == bindparam("address"),
    },
    sorts={"created_at": Suppressions.created_at},
)


class SuppressionRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, one: Suppression) -> None:
        await self.connection.run(ADD, **values(one))

    async def holds(self, channel: Channel, address: str) -> bool:
        """Tell whether nothing is to be sent there."""
        return await self.connection.first(HOLDS, channel=channel, address=address) or False

    async def remove(self, suppression_id: UUID) -> Suppression | None:
        return await self.connection.first(REMOVE, id=suppression_id)

    async def matching(
        self, wanted: SuppressionFilter, request: PageRequest[SuppressionSort]
    ) -> Page[Suppression]:
        return await MATCHING.page(self.connection, wanted, request)
