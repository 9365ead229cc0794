"""Every statement about days on which the whole business is closed."""

from typing import Final
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.closures import Closure, ClosureFilter, ClosureSort
from app.models import Closures
from app.repositories.base import Listing, columns, parameters, values

ADD: Final = Command(insert(Closures).values(parameters(Closures, Closure)))
REMOVE: Final = Query(
    delete(Closures)
    .where(Closures.id == bindparam("closure_id", type_=Uuid))
    .returning(*columns(Closures, Closure)),
    Closure,
)
MATCHING: Final = Listing(
    Closures,
    Closure,
    filters={
        "from_day": Closures.last_day >= bindparam("from_day", type_=Date),
        "to_day": Closures.first_day <= bindparam("to_day", type_=Date),
    },
    sorts={"first_day": Closures.first_day},
)


class ClosureRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, closure: Closure) -> None:
        await self.connection.run(ADD, **values(closure))

    async def remove(self, closure_id: UUID) -> Closure | None:
        """Delete it; return what was deleted."""
        return await self.connection.first(REMOVE, closure_id=closure_id)

    async def matching(
        self, wanted: ClosureFilter, request: PageRequest[ClosureSort]
    ) -> Page[Closure]:
        return await MATCHING.page(self.connection, wanted, request)
