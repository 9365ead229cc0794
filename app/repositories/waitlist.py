"""Every statement about who waits for seats. To change it the event's seats must be locked."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Query
from app.domain.waitlist import (
    ENTERED,
    AlreadyWaiting,
    WaitlistEntry,
    WaitlistFilter,
    WaitlistSort,
    WaitlistStatus,
)
from app.models import EventCapacity, WaitlistEntries
from app.repositories.base import Listing

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
EVENT_ID: Final = bindparam("event_id", type_=Uuid)
USER_ID: Final = bindparam("user_id", type_=Uuid)
ID: Final = bindparam("id", type_=Uuid)
STATUS: Final = WaitlistEntries.status.type
IN_LINE: Final = WaitlistEntries.status == any_(bindparam("entered", type_=ARRAY(STATUS)))

# How many of those who still wait joined before, and oneself.
AHEAD: Final = WaitlistEntries.__table__.alias("ahead")
POSITION: Final = case(
    (
        WaitlistEntries.status == WaitlistStatus.WAITING,
        select(cast(func.count(), Integer))
        .where(
            AHEAD.c.event_id == WaitlistEntries.event_id,
            AHEAD.c.status == WaitlistStatus.WAITING,
            AHEAD.c.place <= WaitlistEntries.place,
        )
        .correlate(WaitlistEntries)
        .scalar_subquery(),
    )
).label("position")
SHOWN: Final = [
    *(WaitlistEntries.__table__.c[name] for name in WaitlistEntry.__slots__ if name != "position"),
    POSITION,
]

BY_ID: Final = Query(select(*SHOWN).where(WaitlistEntries.id == ID), WaitlistEntry)
OF_USER: Final = Query(
    select(*SHOWN).where(
        WaitlistEntries.event_id == EVENT_ID, WaitlistEntries.user_id == USER_ID, IN_LINE
    ),
    WaitlistEntry,
)
EVENTS_OF_USER: Final = Query(
    select(WaitlistEntries.event_id)
    .where(WaitlistEntries.user_id == USER_ID, IN_LINE)
    .order_by(WaitlistEntries.event_id),
    lambda id_: id_,
)

COUNTED: Final = (
    update(EventCapacity)
    .where(EventCapacity.event_id == EVENT_ID)
    .values(waiting=EventCapacity.waiting + 1, joined=EventCapacity.joined + 1)
    .returning(EventCapacity.joined)
    .cte("counted")
)
JOINED: Final = (
    insert(WaitlistEntries)
    .from_select(
        ["id", "event_id", "user_id", "seats", "place", "status", "created_at", "updated_at"],
        select(
            ID,
            EVENT_ID,
            USER_ID,
            bindparam("seats", type_=Integer),
            COUNTED.c.joined,
            literal(WaitlistStatus.WAITING.value),
            NOW,
            NOW,
        ).select_from(COUNTED),
    )
    .returning(WaitlistEntries.id)
    .cte("joined")
)
JOIN: Final = Query(
    select(JOINED.c.id),
    lambda id_: id_,
    violations={"uq_waitlist_entries_of_user": AlreadyWaiting},
)

WAS: Final = (
    select(WaitlistEntries.id, WaitlistEntries.status)
    .where(WaitlistEntries.event_id == EVENT_ID, WaitlistEntries.user_id == USER_ID, IN_LINE)
    .cte("was")
)
GONE: Final = (
    update(WaitlistEntries)
    .where(WaitlistEntries.id == WAS.c.id)
    .values(status=WaitlistStatus.LEFT, updated_at=NOW)
    .returning(
        WaitlistEntries.event_id,
        case((WAS.c.status == WaitlistStatus.WAITING, 1), else_=0).label("waiting"),
        case((WAS.c.status == WaitlistStatus.OFFERED, WaitlistEntries.seats), else_=0).label(
            "kept"
        ),
    )
    .cte("gone")
)
UNCOUNTED: Final = (
    update(EventCapacity)
    .where(EventCapacity.event_id == GONE.c.event_id)
    .values(waiting=EventCapacity.waiting - GONE.c.waiting, taken=EventCapacity.taken - GONE.c.kept)
    .returning(EventCapacity.event_id)
    .cte("uncounted")
)
LEAVE: Final = Query(select(GONE.c.event_id).add_cte(UNCOUNTED), lambda id_: id_)

MATCHING: Final = Listing(
    WaitlistEntries,
    WaitlistEntry,
    shown=SHOWN,
    filters={
        "event_id": WaitlistEntries.event_id == EVENT_ID,
        "status": WaitlistEntries.status == bindparam("status"),
        "user_id": WaitlistEntries.user_id == USER_ID,
    },
    sorts={"place": WaitlistEntries.place},
)


class WaitlistRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, entry_id: UUID) -> WaitlistEntry | None:
        return await self.connection.first(BY_ID, id=entry_id)

    async def of_user(self, event_id: UUID, user_id: UUID) -> WaitlistEntry | None:
        """Return the entry of somebody who waits, or was offered seats."""
        return await self.connection.first(
            OF_USER, event_id=event_id, user_id=user_id, entered=ENTERED
        )

    async def events_of(self, user_id: UUID) -> list[UUID]:
        """Return for which events somebody waits or has an offer, in the order of their ids."""
        return await self.connection.all(EVENTS_OF_USER, user_id=user_id, entered=ENTERED)

    async def join(
        self, entry_id: UUID, event_id: UUID, user_id: UUID, *, seats: int, now: datetime
    ) -> None:
        """Put somebody at the end of the line; refuse with AlreadyWaiting."""
        await self.connection.first(
            JOIN, id=entry_id, event_id=event_id, user_id=user_id, seats=seats, now=now
        )

    async def leave(self, event_id: UUID, user_id: UUID, *, now: datetime) -> bool:
        """Take somebody out, and what was kept for them; return whether they were there."""
        gone = await self.connection.first(
            LEAVE, event_id=event_id, user_id=user_id, entered=ENTERED, now=now
        )
        return gone is not None

    async def matching(
        self, wanted: WaitlistFilter, request: PageRequest[WaitlistSort]
    ) -> Page[WaitlistEntry]:
        return await MATCHING.page(self.connection, wanted, request)
