"""Every statement about calendars elsewhere, and what they keep busy."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    String,
    Uuid,
    bindparam,
    column,
    delete,
    func,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.periods import Period
from app.core.statements import Command, Query
from app.domain.external_calendars import (
    ExternalCalendar,
    ExternalCalendarFilter,
    ExternalCalendarSort,
)
from app.domain.providers import ProviderStatus
from app.models import ExternalBusy, ExternalCalendars, Providers
from app.repositories.base import Listing, columns, parameters, values
from app.repositories.hours import CHANGED

COLUMNS: Final = columns(ExternalCalendars, ExternalCalendar)
INSTANT: Final = DateTime(timezone=True)
ID: Final = bindparam("id", type_=Uuid)
PROVIDER: Final = bindparam("provider_id", type_=Uuid)
CALENDAR: Final = bindparam("calendar_id", type_=Uuid)
NOW: Final = bindparam("now", type_=INSTANT)

BY_ID: Final = Query(select(*COLUMNS).where(ExternalCalendars.id == ID), ExternalCalendar)
ZONE: Final = Query(select(Providers.timezone).where(Providers.id == PROVIDER), str)
LOCK: Final = Query(
    select(*COLUMNS).where(ExternalCalendars.id == ID).with_for_update(), ExternalCalendar
)
COUNT: Final = Query(
    select(func.count())
    .select_from(ExternalCalendars)
    .where(ExternalCalendars.provider_id == PROVIDER),
    int,
)
ADD: Final = Command(
    insert(ExternalCalendars).values(parameters(ExternalCalendars, ExternalCalendar))
)
REMOVE: Final = Command(delete(ExternalCalendars).where(ExternalCalendars.id == ID))
FORGET_ETAG: Final = Command(
    update(ExternalCalendars).where(ExternalCalendars.id == ID).values(etag=null())
)
READ: Final = Command(
    update(ExternalCalendars)
    .where(ExternalCalendars.id == ID)
    .values(
        etag=bindparam("new_etag", type_=String),
        fetched_at=NOW,
        failed_at=null(),
        failure=null(),
    )
)
FAILED: Final = Command(
    update(ExternalCalendars)
    .where(ExternalCalendars.id == ID)
    .values(failed_at=NOW, failure=bindparam("why", type_=String))
)
# Of those who can be booked, and in order of ids, so that it can be gone on with.
SOME: Final = Query(
    select(ExternalCalendars.id)
    .join(Providers, Providers.id == ExternalCalendars.provider_id)
    .where(
        Providers.status == ProviderStatus.ACTIVE,
        ExternalCalendars.id > bindparam("after", type_=Uuid),
    )
    .order_by(ExternalCalendars.id)
    .limit(bindparam("most", type_=Integer)),
    lambda id_: id_,
)

BUSY: Final = Query(
    select(ExternalBusy.starts_at.label("start"), ExternalBusy.ends_at.label("end"))
    .where(ExternalBusy.calendar_id == CALENDAR)
    .order_by(ExternalBusy.starts_at),
    Period,
)
CLEAR: Final = Command(delete(ExternalBusy).where(ExternalBusy.calendar_id == CALENDAR))
EACH: Final = (
    func.unnest(bindparam("starts", type_=ARRAY(INSTANT)), bindparam("ends", type_=ARRAY(INSTANT)))
    .table_valued(column("starts_at", INSTANT), column("ends_at", INSTANT))
    .render_derived(name="each")
)
FILL: Final = Command(
    insert(ExternalBusy).from_select(
        ["id", "calendar_id", "provider_id", "starts_at", "ends_at"],
        select(func.gen_random_uuid(), CALENDAR, PROVIDER, EACH.c.starts_at, EACH.c.ends_at),
    )
)

MATCHING: Final = Listing(
    ExternalCalendars,
    ExternalCalendar,
    filters={"provider_id": ExternalCalendars.provider_id == PROVIDER},
    sorts={"created_at": ExternalCalendars.created_at},
)


class ExternalCalendarRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, calendar_id: UUID) -> ExternalCalendar | None:
        return await self.connection.first(BY_ID, id=calendar_id)

    async def lock(self, calendar_id: UUID) -> ExternalCalendar | None:
        """Return it locked until the transaction ends; its provider is locked before, if at all."""
        return await self.connection.first(LOCK, id=calendar_id)

    async def zone(self, provider_id: UUID) -> str | None:
        """Return where the provider lives."""
        return await self.connection.first(ZONE, provider_id=provider_id)

    async def count(self, provider_id: UUID) -> int:
        return await self.connection.first(COUNT, provider_id=provider_id) or 0

    async def add(self, calendar: ExternalCalendar) -> None:
        await self.connection.run(ADD, **values(calendar))

    async def remove(self, calendar: ExternalCalendar) -> None:
        """Delete it, and what it kept busy."""
        await self.connection.run(REMOVE, id=calendar.id)
        await self.connection.run(CHANGED, provider_id=calendar.provider_id)

    async def forget_etag(self, calendar_id: UUID) -> None:
        """Have it read anew, whether or not it has changed."""
        await self.connection.run(FORGET_ETAG, id=calendar_id)

    async def note_read(self, calendar_id: UUID, *, etag: str | None, now: datetime) -> None:
        await self.connection.run(READ, id=calendar_id, new_etag=etag, now=now)

    async def note_failure(self, calendar_id: UUID, *, why: str, now: datetime) -> None:
        await self.connection.run(FAILED, id=calendar_id, why=why, now=now)

    async def some(self, *, after: UUID, most: int) -> list[UUID]:
        return await self.connection.all(SOME, after=after, most=most)

    async def busy(self, calendar_id: UUID) -> list[Period]:
        """Return when it keeps its provider busy, in order."""
        return await self.connection.all(BUSY, calendar_id=calendar_id)

    async def replace(self, calendar: ExternalCalendar, busy: Sequence[Period]) -> None:
        """Let it keep its provider busy then, and at no other time."""
        await self.connection.run(CLEAR, calendar_id=calendar.id)
        await self.connection.run(
            FILL,
            calendar_id=calendar.id,
            provider_id=calendar.provider_id,
            starts=[period.start for period in busy],
            ends=[period.end for period in busy],
        )
        await self.connection.run(CHANGED, provider_id=calendar.provider_id)

    async def matching(
        self, wanted: ExternalCalendarFilter, request: PageRequest[ExternalCalendarSort]
    ) -> Page[ExternalCalendar]:
        return await MATCHING.page(self.connection, wanted, request)
