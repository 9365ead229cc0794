"""Every statement about notifications on their way, by one channel each."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    SmallInteger,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.notification_deliveries import (
    Delivery,
    DeliveryFilter,
    DeliverySort,
    DeliveryState,
    LoggedDelivery,
    Outcome,
)
from app.domain.notifications import Channel, Kind
from app.models import NotificationDeliveries as Deliveries
from app.models import Notifications
from app.repositories.base import Listing, columns, parameters, values

ID: Final = bindparam("id", type_=Uuid)
INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
STATE: Final = bindparam("new_state", type_=Deliveries.state.type)
COLUMNS: Final = columns(Deliveries, Delivery)
LOGGED: Final = [*COLUMNS, Notifications.__table__.c.kind, Notifications.__table__.c.user_id]
SOURCE: Final = Deliveries.__table__.join(
    Notifications.__table__, Notifications.id == Deliveries.notification_id
)


def logged(*row: Any) -> LoggedDelivery:
    known: list[Any] = [*row[:-2], Kind(row[-2]), row[-1]]
    return LoggedDelivery(*known)


ADD: Final = Command(
    insert(Deliveries).values(parameters(Deliveries, Delivery)).on_conflict_do_nothing()
)
GET: Final = Query(select(*LOGGED).select_from(SOURCE).where(Deliveries.id == ID), logged)
# One at a time: whoever sends says so first, and what they said counts for a while.
CLAIM: Final = Query(
    update(Deliveries)
    .where(
        Deliveries.id == ID,
        or_(
            Deliveries.state == DeliveryState.QUEUED,
            (Deliveries.state == DeliveryState.SENDING)
            & (Deliveries.claimed_at < bindparam("lost_before", type_=INSTANT)),
        ),
    )
    .values(
        state=DeliveryState.SENDING,
        attempts=Deliveries.attempts + 1,
        claimed_at=NOW,
        tried_at=func.coalesce(Deliveries.tried_at, NOW),
        updated_at=NOW,
    )
    .returning(*COLUMNS),
    Delivery,
)
SETTLE: Final = Command(
    update(Deliveries)
    .where(
        Deliveries.id == ID,
        Deliveries.state == DeliveryState.SENDING,
        Deliveries.attempts == bindparam("attempt", type_=SmallInteger),
    )
    .values(
        state=STATE,
        error=bindparam("error", type_=String),
        reference=func.coalesce(bindparam("reference", type_=String), Deliveries.reference),
        due_at=func.coalesce(bindparam("new_due_at", type_=INSTANT), Deliveries.due_at),
        attempts=Deliveries.attempts - bindparam("uncounted", type_=SmallInteger),
        tried_at=case(
            (
                and_(
                    bindparam("is_undone", type_=Boolean),
                    Deliveries.tried_at == Deliveries.claimed_at,
                ),
                null(),
            ),
            else_=Deliveries.tried_at,
        ),
        sent_at=func.coalesce(bindparam("new_sent_at", type_=INSTANT), Deliveries.sent_at),
        updated_at=NOW,
    )
)
AFRESH: Final = Command(
    update(Deliveries)
    .where(Deliveries.id == ID, Deliveries.state == any_(bindparam("over", type_=ARRAY(String))))
    .values(
        state=DeliveryState.QUEUED,
        attempts=0,
        round=Deliveries.round + 1,
        due_at=NOW,
        claimed_at=null(),
        tried_at=null(),
        error=null(),
        updated_at=NOW,
    )
)
ARRIVED: Final = Command(
    update(Deliveries)
    .where(
        Deliveries.channel == bindparam("channel", type_=Deliveries.channel.type),
        Deliveries.reference == bindparam("reference", type_=String),
        Deliveries.state == DeliveryState.SENT,
    )
    .values(state=STATE, error=bindparam("error", type_=String), updated_at=NOW)
)
BY_REFERENCE: Final = Query(
    select(*LOGGED)
    .select_from(SOURCE)
    .where(
        Deliveries.channel == bindparam("channel", type_=Deliveries.channel.type),
        Deliveries.reference == bindparam("reference", type_=String),
    )
    .limit(1),
    logged,
)
OVERDUE: Final = Query(
    select(cast(func.count(), BigInteger)).where(
        or_(Deliveries.state == DeliveryState.QUEUED, Deliveries.state == DeliveryState.SENDING),
        Deliveries.due_at < bindparam("before", type_=INSTANT),
    ),
    int,
)
MATCHING: Final = Listing(
    Deliveries,
    logged,
    filters={
        "user_id": Notifications.user_id == bindparam("user_id", type_=Uuid),
        "kind": Notifications.kind == bindparam("kind", type_=String),
        "channel": Deliveries.channel == bindparam("channel", type_=Deliveries.channel.type),
        "state": Deliveries.state == bindparam("state", type_=Deliveries.state.type),
    },
    sorts={"created_at": Deliveries.created_at},
    shown=LOGGED,
    source=SOURCE,
)


class NotificationDeliveryRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, delivery: Delivery) -> None:
        await self.connection.run(ADD, **values(delivery))

    async def get(self, delivery_id: UUID) -> LoggedDelivery | None:
        return await self.connection.first(GET, id=delivery_id)

    async def claim(
        self, delivery_id: UUID, *, lost_before: datetime, now: datetime
    ) -> Delivery | None:
        """Take it to be sent, one more attempt; None if it is not to be, or somebody else does."""
        return await self.connection.first(CLAIM, id=delivery_id, lost_before=lost_before, now=now)

    async def settle(
        self, claimed: Delivery, outcome: Outcome, *, now: datetime, counts: bool = True
    ) -> bool:
        """Note how the attempt that was claimed ended; one that never was made doesn't count.

        Tell whether it still was that attempt: who takes too long may have been thought lost.
        """
        settled = await self.connection.run(
            SETTLE,
            id=claimed.id,
            attempt=claimed.attempts,
            new_state=outcome.state,
            error=outcome.error,
            reference=outcome.reference,
            new_due_at=outcome.due_at,
            new_sent_at=now if outcome.state is DeliveryState.SENT else None,
            uncounted=0 if counts else 1,
            is_undone=outcome.is_undone or not counts,
            now=now,
        )
        return settled == 1

    async def queue_again(
        self, delivery_id: UUID, *, over: tuple[DeliveryState, ...], now: datetime
    ) -> bool:
        """Queue what is over once more; tell whether it was."""
        states = [str(state) for state in over]
        return await self.connection.run(AFRESH, id=delivery_id, over=states, now=now) == 1

    async def note_arrival(
        self,
        channel: Channel,
        reference: str,
        state: DeliveryState,
        *,
        error: str | None,
        now: datetime,
    ) -> bool:
        """Note what a vendor told later of what was sent; tell whether that was news."""
        changed = await self.connection.run(
            ARRIVED, channel=channel, reference=reference, new_state=state, error=error, now=now
        )
        return changed > 0

    async def of_reference(self, channel: Channel, reference: str) -> LoggedDelivery | None:
        """Return what a vendor calls so; None where it is nothing of ours."""
        return await self.connection.first(BY_REFERENCE, channel=channel, reference=reference)

    async def overdue(self, *, before: datetime) -> int:
        """Return how many were to be sent before then and are not."""
        return await self.connection.first(OVERDUE, before=before) or 0

    async def matching(
        self, wanted: DeliveryFilter, request: PageRequest[DeliverySort]
    ) -> Page[LoggedDelivery]:
        return await MATCHING.page(self.connection, wanted, request)
