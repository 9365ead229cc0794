"""Every statement about which bookings people are to be reminded of."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    Interval,
    String,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.bookings import BookingStatus
from app.domain.reminders import LONGEST_LEAD, STEP, Reminded, ReminderDue
from app.models import Bookings, Events, Jobs, Offerings, ReminderProgress
from app.repositories.jobs import JOB, QUEUED

INSTANT: Final = DateTime(timezone=True)
SINCE: Final = bindparam("since", type_=INSTANT)
UNTIL: Final = bindparam("until", type_=INSTANT)
ALL_LEADS: Final = list(range(STEP, LONGEST_LEAD + 1, STEP))

# The first time, nothing was due before. What is there already is written again, and so locked.
LOCK: Final = Query(
    insert(ReminderProgress)
    .values(id=1, announced_until=UNTIL)
    .on_conflict_do_update(index_elements=["id"], set_={"id": 1})
    .returning(ReminderProgress.announced_until),
    lambda at: at,
)
REACH: Final = Command(update(ReminderProgress).values(announced_until=UNTIL))

# For each lead there is, those who start so much later: a few rows of the index each, and not all
# that is booked for a week.
EACH: Final = (
    func.unnest(bindparam("leads", type_=ARRAY(Integer)))
    .table_valued(column("minutes", Integer), name="lead")
    .render_derived()
)
LEAD: Final = EACH.c.minutes
AHEAD: Final = LEAD * literal_column("interval '1 minute'", Interval)
STARTING: Final = (
    select(
        Bookings.id,
        Bookings.starts_at,
        Bookings.created_at,
        Bookings.service_id,
        Bookings.event_id,
    )
    .where(
        Bookings.starts_at > SINCE + AHEAD,
        Bookings.starts_at <= UNTIL + AHEAD,
        Bookings.starts_at > UNTIL,
        Bookings.created_at <= Bookings.starts_at - AHEAD,
        Bookings.status == BookingStatus.CONFIRMED,
    )
    .offset(0)  # so that it is asked for each lead by itself
    .lateral("starting")
)
LEADS: Final = func.coalesce(Offerings.reminder_minutes, Events.reminder_minutes)
DUE: Final = (
    select(STARTING.c.id)
    .distinct()
    .select_from(EACH)
    .join(STARTING, true())
    .outerjoin(Offerings, Offerings.id == STARTING.c.service_id)
    .outerjoin(Events, Events.id == STARTING.c.event_id)
    .where(any_(LEADS) == LEAD)
    .cte("due")
)
# As `ReminderDue(booking_id).write()` writes it.
MESSAGE: Final = func.convert_to(
    literal('{"booking_id":"').concat(cast(DUE.c.id, String)).concat('"}'), "UTF8"
)
ANNOUNCE: Final = Command(
    insert(Jobs)
    .from_select(
        list(JOB),
        select(literal(ReminderDue.__name__), MESSAGE, literal_column("0"), QUEUED).select_from(
            DUE
        ),
    )
    .inline()
)
REMINDED: Final = Query(
    select(Bookings.starts_at, Bookings.created_at, LEADS.label("reminder_minutes"))
    .select_from(Bookings)
    .outerjoin(Offerings, Offerings.id == Bookings.service_id)
    .outerjoin(Events, Events.id == Bookings.event_id)
    .where(Bookings.id == bindparam("booking_id", type_=Uuid)),
    Reminded,
)


class ReminderRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock(self, *, now: datetime) -> datetime:
        """Return until when reminders were announced; nobody else announces meanwhile."""
        reached: datetime | None = await self.connection.first(LOCK, until=now)
        assert reached is not None  # there always is a row
        return reached

    async def announce(self, *, since: datetime, until: datetime) -> int:
        """Announce what came due after `since` and until then, once a booking; return how many.

        Left out is what has begun by then, and a lead that had passed when it was booked.
        """
        announced = await self.connection.run(ANNOUNCE, leads=ALL_LEADS, since=since, until=until)
        await self.connection.run(REACH, until=until)
        return announced

    async def of(self, booking_id: UUID) -> Reminded | None:
        return await self.connection.first(REMINDED, booking_id=booking_id)
