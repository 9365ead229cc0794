"""Every statement about dates with hours of their own."""

from typing import Final
from uuid import UUID

from sqlalchemy import Date, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Query
from app.domain.overrides import Override, OverrideFilter, OverrideSort
from app.models import Overrides
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(Overrides, Override)
PROVIDER_ID: Final = bindparam("provider_id", type_=Uuid)

OF_DAY: Final = Query(
    select(*COLUMNS).where(
        Overrides.provider_id == PROVIDER_ID, Overrides.day == bindparam("day", type_=Date)
    ),
    Override,
)
GIVEN: Final = insert(Overrides).values(parameters(Overrides, Override))
# Who knows the id of the one before may go on using it.
PUT: Final = Query(
    GIVEN.on_conflict_do_update(
        index_elements=["provider_id", "day"], set_={"windows": GIVEN.excluded.windows}
    ).returning(*COLUMNS),
    Override,
)
REMOVE: Final = Query(
    delete(Overrides)
    .where(
        Overrides.id == bindparam("override_id", type_=Uuid), Overrides.provider_id == PROVIDER_ID
    )
    .returning(*COLUMNS),
    Override,
)
MATCHING: Final = Listing(
    Overrides,
    Override,
    filters={
        "provider_id": Overrides.provider_id == PROVIDER_ID,
        "from_day": Overrides.day >= bindparam("from_day", type_=Date),
        "to_day": Overrides.day <= bindparam("to_day", type_=Date),
    },
    sorts={"date": Overrides.day},
)


class OverrideRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def put(self, override: Override) -> tuple[Override | None, Override]:
        """Insert it, or give its windows to the one of that date; return it before and after."""
        before = await self.connection.first(
            OF_DAY, provider_id=override.provider_id, day=override.day
        )
        after = await self.connection.first(PUT, **values(override))
        assert after is not None
        return before, after

    async def remove(self, provider_id: UUID, override_id: UUID) -> Override | None:
        """Delete it; return what was deleted."""
        return await self.connection.first(REMOVE, provider_id=provider_id, override_id=override_id)

    async def matching(
        self, wanted: OverrideFilter, request: PageRequest[OverrideSort]
    ) -> Page[Override]:
        return await MATCHING.page(self.connection, wanted, request)
