"""Every statement about weekly hours."""

from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.providers import Schedule
from app.models import Schedules
from app.repositories.base import columns, parameters, values
from app.repositories.hours import CHANGED

COLUMNS: Final = columns(Schedules, Schedule)
LATEST: Final = Query(
    select(*COLUMNS)
    .where(
        Schedules.provider_id == bindparam("provider_id"),
        Schedules.effective_from <= bindparam("until"),
    )
    .order_by(Schedules.effective_from.desc())
    .limit(3),
    Schedule,
)
GIVEN: Final = insert(Schedules).values(parameters(Schedules, Schedule))
# A new id each time, also for the same day: what was worked out from a version is kept by its id.
PUT: Final = Command(
    GIVEN.on_conflict_do_update(
        index_elements=["provider_id", "effective_from"],
        set_={
            "id": GIVEN.excluded.id,
            "timezone": GIVEN.excluded.timezone,
            "weekly": GIVEN.excluded.weekly,
        },
    )
)


class ScheduleRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def latest(self, provider_id: UUID, *, until: date) -> list[Schedule]:
        """Return the last three versions that begin by a day, the newest first."""
        return await self.connection.all(LATEST, provider_id=provider_id, until=until)

    async def put(self, schedule: Schedule) -> None:
        """Insert it, in place of the version that begins on the same day."""
        await self.connection.run(PUT, **values(schedule))
        await self.connection.run(CHANGED, provider_id=schedule.provider_id)
