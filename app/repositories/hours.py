"""Every statement about hours as a whole: their version, what they are made of, who is to come."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.bookings import BookingStatus
from app.domain.displacement import NEAR, Plan, Stay
from app.domain.providers import Schedule
from app.domain.walltime import epoch
from app.models import Bookings, Closures, Overrides, Providers, Schedules
from app.models.bookings import IS_ACTIVE
from app.repositories.base import columns

INSTANT: Final = DateTime(timezone=True)
PROVIDERS: Final = bindparam("provider_ids", type_=ARRAY(Uuid))
SINCE: Final = bindparam("since", type_=INSTANT)
UNTIL: Final = bindparam("until", type_=INSTANT)
FIRST_DAY: Final = bindparam("first_day", type_=Date)
LAST_DAY: Final = bindparam("last_day", type_=Date)

# A booking that was decided by the hours before it is decided anew.
NEXT: Final = update(Providers).values(hours_version=Providers.hours_version + 1)
CHANGED: Final = Command(NEXT.where(Providers.id == bindparam("provider_id", type_=Uuid)))
ALL_CHANGED: Final = Command(NEXT)
# In order, so that no two who lock several wait for each other. Bookings hold these rows FOR
# SHARE: who has this lock sees those that were made, and those to come see the change.
IN_ORDER: Final = select(Providers.id).order_by(Providers.id).with_for_update(key_share=True)
LOCK: Final = Command(IN_ORDER.where(Providers.id == any_(PROVIDERS)))
LOCK_ALL: Final = Command(IN_ORDER)
THEIRS_CHANGED: Final = Command(NEXT.where(Providers.id == any_(PROVIDERS)))

# The partial GiST index of the exclusion constraint serves these by `blocked`.
EXPECTED: Final = (
    text(f"kind = 'appointment' AND {IS_ACTIVE}"),
    or_(
        Bookings.status == BookingStatus.CONFIRMED,
        Bookings.hold_expires_at > bindparam("now", type_=INSTANT),
    ),
    Bookings.blocked.op("&&")(func.tstzrange(SINCE, UNTIL)),
    Bookings.starts_at < UNTIL,
    Bookings.ends_at > SINCE,
    Bookings.ends_at > bindparam("now", type_=INSTANT),
)
IS_ANYBODY_EXPECTED: Final = Query(
    select(exists().where(Bookings.provider_id == bindparam("provider_id", type_=Uuid), *EXPECTED)),
    bool,
)


def _stays(who: Any) -> Query[Stay]:
    return Query(
        select(Bookings.provider_id, Bookings.starts_at, Bookings.ends_at).where(who, *EXPECTED),
        lambda provider_id, starts_at, ends_at: Stay(
            provider_id, (epoch(starts_at), epoch(ends_at))
        ),
    )


STAYS: Final = _stays(true())
STAYS_WITH: Final = _stays(Bookings.provider_id == bindparam("provider_id", type_=Uuid))

ZONES: Final = Query(
    select(Providers.id, Providers.timezone).where(Providers.id == any_(PROVIDERS)),
    lambda *row: row,
)
SCHEDULES: Final = Query(
    select(*columns(Schedules, Schedule))
    .where(Schedules.provider_id == any_(PROVIDERS), Schedules.effective_from <= LAST_DAY)
    .order_by(Schedules.effective_from),
    Schedule,
)
OVERRIDES: Final = Query(
    select(Overrides.provider_id, Overrides.day, Overrides.windows).where(
        Overrides.provider_id == any_(PROVIDERS), Overrides.day.between(FIRST_DAY, LAST_DAY)
    ),
    lambda *row: row,
)
CLOSURES: Final = Query(
    select(Closures.first_day, Closures.last_day).where(
        Closures.first_day <= LAST_DAY, Closures.last_day >= FIRST_DAY
    ),
    lambda first, last: (first.isoformat(), last.isoformat()),
)


class HoursRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def changed(self, provider_id: UUID) -> None:
        """Let what is being booked with them be decided anew."""
        await self.connection.run(CHANGED, provider_id=provider_id)

    async def changed_of(self, provider_ids: Sequence[UUID]) -> None:
        await self.connection.run(LOCK, provider_ids=list(provider_ids))
        await self.connection.run(THEIRS_CHANGED, provider_ids=list(provider_ids))

    async def changed_of_all(self) -> None:
        """As `changed`, for everybody; to be called with `lock_all` done."""
        await self.connection.run(ALL_CHANGED)

    async def lock_all(self) -> None:
        """Let nobody change hours, or book, until the transaction ends."""
        await self.connection.run(LOCK_ALL)

    async def is_anybody_expected(
        self, provider_id: UUID, *, since: datetime, until: datetime, now: datetime
    ) -> bool:
        """Tell whether a booking that is not over stands with them in `[since, until)`."""
        found = await self.connection.first(
            IS_ANYBODY_EXPECTED, provider_id=provider_id, since=since, until=until, now=now
        )
        return found or False

    async def stays(
        self, provider_id: UUID | None, *, first: date, last: date, now: datetime
    ) -> list[Stay]:
        """Return what is booked, and not over, about those days; with anybody, if with None."""
        around: dict[str, Any] = {
            "since": datetime.combine(first, time(), UTC) - NEAR,
            "until": datetime.combine(last, time(), UTC) + NEAR,
            "now": now,
        }
        if provider_id is None:
            return await self.connection.all(STAYS, **around)
        return await self.connection.all(STAYS_WITH, **around, provider_id=provider_id)

    async def plans(
        self, provider_ids: Sequence[UUID], *, first: date, last: date
    ) -> dict[UUID, Plan]:
        """Return what the hours of these are made of, as far as it matters to those days."""
        who = {"provider_ids": list(provider_ids)}
        days = {"first_day": first - NEAR + NEAR, "last_day": last + NEAR + NEAR}
        zones = await self.connection.all(ZONES, **who)
        schedules: defaultdict[UUID, list[Schedule]] = defaultdict(list)
        for schedule in await self.connection.all(SCHEDULES, **who, last_day=days["last_day"]):
            schedules[schedule.provider_id].append(schedule)
        overrides: defaultdict[UUID, dict[str, Any]] = defaultdict(dict)
        for provider_id, day, windows in await self.connection.all(OVERRIDES, **who, **days):
            overrides[provider_id][day.isoformat()] = windows
        closures = await self.connection.all(CLOSURES, **days)
        return {
            id_: Plan(zone, tuple(schedules[id_]), overrides[id_], closures) for id_, zone in zones
        }
