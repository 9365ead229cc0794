"""Every statement about being away."""

from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, String, Uuid, bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.time_off import TimeOff, TimeOffFilter, TimeOffSort
from app.models import TimeOff as Absences
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(Absences, TimeOff)
INSTANT: Final = DateTime(timezone=True)
PROVIDER_ID: Final = bindparam("provider_id", type_=Uuid)

ADD: Final = Command(insert(Absences).values(parameters(Absences, TimeOff)))
AGAIN: Final = Query(
    update(Absences)
    .where(
        Absences.provider_id == PROVIDER_ID,
        Absences.starts_at == bindparam("starts", type_=INSTANT),
        Absences.ends_at == bindparam("ends", type_=INSTANT),
    )
    .values(reason=bindparam("why", type_=String))
    .returning(*COLUMNS),
    TimeOff,
)
REMOVE: Final = Query(
    delete(Absences)
    .where(Absences.id == bindparam("time_off_id", type_=Uuid), Absences.provider_id == PROVIDER_ID)
    .returning(*COLUMNS),
    TimeOff,
)
MATCHING: Final = Listing(
    Absences,
    TimeOff,
    filters={
        "provider_id": Absences.provider_id == PROVIDER_ID,
        "since": Absences.ends_at > bindparam("since", type_=INSTANT),
        "until": Absences.starts_at < bindparam("until", type_=INSTANT),
    },
    sorts={"starts_at": Absences.starts_at},
)


class TimeOffRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def put(self, away: TimeOff) -> TimeOff:
        """Insert it; the very same time, told before, gets this reason and stays one."""
        known = await self.connection.first(
            AGAIN,
            provider_id=away.provider_id,
            starts=away.starts_at,
            ends=away.ends_at,
            why=away.reason,
        )
        if known is None:
            await self.connection.run(ADD, **values(away))
        return known or away

    async def remove(self, provider_id: UUID, time_off_id: UUID) -> TimeOff | None:
        """Delete it; return what was deleted."""
        return await self.connection.first(REMOVE, provider_id=provider_id, time_off_id=time_off_id)

    async def matching(
        self, wanted: TimeOffFilter, request: PageRequest[TimeOffSort]
    ) -> Page[TimeOff]:
        return await MATCHING.page(self.connection, wanted, request)
