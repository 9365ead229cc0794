"""Every statement by which bookings follow their event: moved with it, or cancelled with it.

The event's seats must be locked for what changes a booking: see `repositories.seating`.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.statements import Query
from app.domain.booking_changes import ChangeKind
from app.domain.bookings import ACTIVE, BookingCancelled, BookingStatus
from app.domain.event_changes import CancellationProgress
from app.domain.events import Event
from app.domain.tickets import TicketStatus
from app.models import (
    BookingChanges,
    Bookings,
    EventCapacity,
    Events,
    Jobs,
    Tickets,
    TicketTypes,
)
from app.repositories.booking_changes import HAS_LAPSED, noted
from app.repositories.jobs import JOB

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
EVENT_ID: Final = bindparam("event_id", type_=Uuid)
STARTS: Final = bindparam("starts_at", type_=INSTANT)
ENDS: Final = bindparam("ends_at", type_=INSTANT)
MOST: Final = bindparam("most", type_=BigInteger)
OF_EVENT: Final = and_(
    Bookings.event_id == EVENT_ID, or_(*(Bookings.status == status for status in ACTIVE))
)
STANDS: Final = and_(OF_EVENT, ~func.coalesce(HAS_LAPSED, False))

FOLLOWED: Final = (
    update(Bookings)
    .where(OF_EVENT)
    .values(
        title=bindparam("title", type_=String),
        timezone=bindparam("timezone", type_=String),
        starts_at=STARTS,
        starts_local=bindparam("starts_local", type_=String),
        ends_at=ENDS,
        blocked_from=STARTS,
        blocked_until=ENDS,
        hold_expires_at=case(
            (Bookings.hold_expires_at > STARTS, STARTS), else_=Bookings.hold_expires_at
        ),
        updated_at=NOW,
        sequence=Bookings.sequence + 1,
    )
    .returning(Bookings.id, Bookings.status)
    .cte("followed")
)
COUNT: Final = select(func.count(type_=BigInteger)).select_from(FOLLOWED)
RENAME: Final = Query(COUNT, int)
MOVE: Final = Query(
    COUNT.add_cte(
        noted(
            FOLLOWED,
            ChangeKind.RESCHEDULED,
            id_=func.gen_random_uuid(),
            reason=None,
            moved=(bindparam("moved_from", type_=INSTANT), STARTS),
        )
    ),
    int,
)
LAST_MOVE: Final = (
    select(BookingChanges.id)
    .where(
        BookingChanges.booking_id == Bookings.id,
        BookingChanges.kind == ChangeKind.RESCHEDULED,
    )
    .order_by(BookingChanges.created_at.desc(), BookingChanges.id.desc())
    .limit(1)
    .correlate(Bookings)
    .scalar_subquery()
)
MOVED: Final = Query(
    select(Bookings.id, LAST_MOVE)
    .where(STANDS, Bookings.id > bindparam("after_id", type_=Uuid))
    .order_by(Bookings.id)
    .limit(MOST),
    lambda booking_id, change_id: (booking_id, change_id),
)

STANDING: Final = Query(
    select(Bookings.id)
    .where(STANDS, exists().where(Events.id == EVENT_ID, Events.cancelled_at.is_not(None)))
    .order_by(Bookings.id)
    .limit(MOST)
    .with_for_update(),
    lambda id_: id_,
)
GIVEN: Final = (
    func.unnest(
        bindparam("booking_ids", type_=ARRAY(Uuid)),
        bindparam("payloads", type_=ARRAY(LargeBinary)),
    )
    .table_valued("id", "payload", name="given")
    .render_derived()
)
CANCELLING: Final = (
    select(Events.cancelled_by, Events.cancel_reason).where(Events.id == EVENT_ID).cte("cancelling")
)
CANCELLED: Final = (
    update(Bookings)
    .where(Bookings.id == any_(bindparam("booking_ids", type_=ARRAY(Uuid))))
    .values(
        status=BookingStatus.CANCELLED,
        cancelled_at=NOW,
        cancelled_by=select(CANCELLING.c.cancelled_by).scalar_subquery(),
        cancel_reason=select(CANCELLING.c.cancel_reason).scalar_subquery(),
        late_fee_amount=0,
        updated_at=NOW,
        sequence=Bookings.sequence + 1,
    )
    .returning(Bookings.id, Bookings.status, Bookings.cancelled_by, Bookings.cancel_reason)
    .cte("cancelled")
)
RETURNED: Final = (
    update(Tickets)
    .where(Tickets.booking_id == CANCELLED.c.id, Tickets.status != TicketStatus.CANCELLED)
    .values(status=TicketStatus.CANCELLED, checked_in_at=None)
    .returning(Tickets.ticket_type_id)
    .cte("returned")
)
BY_TYPE: Final = (
    select(RETURNED.c.ticket_type_id, cast(func.count(), Integer).label("seats"))
    .group_by(RETURNED.c.ticket_type_id)
    .cte("by_type")
)
OF_TYPES: Final = (
    update(TicketTypes)
    .where(TicketTypes.id == BY_TYPE.c.ticket_type_id)
    .values(taken=TicketTypes.taken - BY_TYPE.c.seats)
    .returning(TicketTypes.id)
    .cte("of_types")
)
OF_SEATS: Final = (
    update(EventCapacity)
    .where(EventCapacity.event_id == EVENT_ID)
    .values(
        taken=EventCapacity.taken
        - select(cast(func.count(), Integer)).select_from(RETURNED).scalar_subquery()
    )
    .returning(EventCapacity.event_id)
    .cte("of_seats")
)
TOLD: Final = (
    insert(Jobs)
    .from_select(
        list(JOB),
        select(
            *(GIVEN.c.payload if name == "payload" else value for name, value in JOB.items())
        ).select_from(GIVEN.join(CANCELLED, CANCELLED.c.id == GIVEN.c.id)),
    )
    .cte("told")
)
CANCEL: Final = Query(
    select(func.count(type_=BigInteger))
    .select_from(CANCELLED)
    .add_cte(
        noted(
            CANCELLED,
            ChangeKind.CANCELLED,
            id_=func.gen_random_uuid(),
            actor=CANCELLED.c.cancelled_by,
            reason=CANCELLED.c.cancel_reason,
        ),
        OF_TYPES,
        OF_SEATS,
        TOLD,
    ),
    int,
)
GONE: Final = and_(
    Bookings.status == BookingStatus.CANCELLED, Bookings.cancelled_at >= Events.cancelled_at
)
LEFT: Final = func.count().filter(STANDS)
PROGRESS: Final = Query(
    select(
        (LEFT + func.count().filter(GONE)).cast(BigInteger).label("total"),
        func.count().filter(GONE).cast(BigInteger).label("cancelled"),
        LEFT.cast(BigInteger).label("remaining"),
        Events.cancelled_at.label("started_at"),
        case(
            (
                LEFT == 0,
                func.coalesce(func.max(Bookings.cancelled_at).filter(GONE), Events.cancelled_at),
            )
        ).label("finished_at"),
    )
    .select_from(Events)
    .outerjoin(Bookings, Bookings.event_id == Events.id)
    .where(Events.id == EVENT_ID, Events.cancelled_at.is_not(None))
    .group_by(Events.id),
    CancellationProgress,
)


class EventChangeRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def rename(self, event: Event, *, now: datetime) -> None:
        """Let the active bookings of an event have its title."""
        await self.connection.first(RENAME, **_terms(event), now=now)

    async def move(
        self, event: Event, *, moved_from: datetime, actor_id: UUID, now: datetime
    ) -> int:
        """Let the active bookings of an event follow it, noted as moved; return how many."""
        moved = await self.connection.first(
            MOVE, **_terms(event), moved_from=moved_from, actor_id=actor_id, now=now
        )
        return moved or 0

    async def moved(
        self, event_id: UUID, *, after_id: UUID, now: datetime, most: int
    ) -> list[tuple[UUID, UUID | None]]:
        """Return some active bookings and their last move, in the order of their ids."""
        return await self.connection.all(
            MOVED, event_id=event_id, after_id=after_id, now=now, most=most
        )

    async def cancel_some(self, event_id: UUID, *, now: datetime, most: int) -> int:
        """Cancel up to `most` bookings with their tickets, announced; return how many.

        They are cancelled by whom, and for the reason that, the event was.
        """
        ids = await self.connection.all(STANDING, event_id=event_id, now=now, most=most)
        if not ids:
            return 0
        found = await self.connection.first(
            CANCEL,
            event_id=event_id,
            booking_ids=ids,
            payloads=[BookingCancelled(id_).write() for id_ in ids],
            entrypoint=BookingCancelled.__name__,
            now=now,
        )
        return found or 0

    async def progress(self, event_id: UUID, *, now: datetime) -> CancellationProgress | None:
        """Return how far the cancellation of an event is; None if it was not cancelled."""
        return await self.connection.first(PROGRESS, event_id=event_id, now=now)


def _terms(event: Event) -> dict[str, Any]:
    names = ("title", "timezone", "starts_at", "starts_local", "ends_at")
    return {"event_id": event.id, **{name: getattr(event, name) for name in names}}
