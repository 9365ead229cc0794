"""The vocabulary of bringing a notification to somebody by one channel.

`queued` → `sending` → `sent` → `delivered`, or `queued` again for another try; and for good
`failed`, `bounced` (there is nobody behind the address), `suppressed` (there was nobody before),
`dropped` (it is not to be told any more).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, NotFound, Unavailable
from app.core.ids import new_id
from app.core.messages import Message
from app.domain.notifications import Channel, Kind

MOST_ATTEMPTS: Final = 8
FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=1)
LEASE: Final = timedelta(seconds=60)
"""For how long nobody else sends what somebody is sending: longer than any call takes."""


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    SUPPRESSED = "suppressed"
    DROPPED = "dropped"


OVER: Final = (
    DeliveryState.SENT,
    DeliveryState.DELIVERED,
    DeliveryState.FAILED,
    DeliveryState.BOUNCED,
    DeliveryState.SUPPRESSED,
    DeliveryState.DROPPED,
)
"""What can be sent again."""


class DeliverySort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


class DeliveryNotFound(NotFound):
    """There is no such delivery."""


class DeliveryUnderWay(Conflict):
    """It is being sent already."""


class DeliveryLeased(Unavailable):
    """Somebody else is sending it, or was when they were lost."""


@dataclass(frozen=True, slots=True)
class DeliveryDue(Message):
    """A delivery is to be sent now."""

    delivery_id: UUID


@dataclass(frozen=True, slots=True)
class DeliveryTaken(Message):
    """A vendor that reports later has taken a delivery: it may have reported already."""

    delivery_id: UUID


@dataclass(frozen=True, slots=True)
class Delivery:
    """`target_id` names one of several addresses of a channel: a device.

    `round` goes up when staff sends it again: then it may arrive twice, and in a round it may not.
    `reference` is the vendor's name for it, `error` a word of ours for what went wrong.
    `tried_at` is when it was first handed over and may have gone out, without our knowing.
    """

    id: UUID
    notification_id: UUID
    channel: Channel
    target_id: UUID | None
    state: DeliveryState
    attempts: int
    round: int
    due_at: datetime
    claimed_at: datetime | None
    tried_at: datetime | None
    sent_at: datetime | None
    reference: str | None
    error: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def tried_before(self) -> datetime | None:
        """Return when an attempt before this one may have sent it; None where none did."""
        return None if self.tried_at == self.claimed_at else self.tried_at


@dataclass(frozen=True, slots=True)
class LoggedDelivery(Delivery):
    """A delivery with what was told to whom."""

    kind: Kind
    user_id: UUID | None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries to list; None means any."""

    user_id: UUID | None = None
    kind: Kind | None = None
    channel: Channel | None = None
    state: DeliveryState | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended.

    `is_undone` where nothing can have gone out; `wait` is how long the vendor asks us to.
    """

    state: DeliveryState
    error: str | None = None
    reference: str | None = None
    due_at: datetime | None = None
    is_undone: bool = False
    wait: timedelta = timedelta()


def queued(
    notification_id: UUID,
    channel: Channel,
    *,
    due_at: datetime,
    now: datetime,
    target_id: UUID | None = None,
) -> Delivery:
    return Delivery(
        id=new_id(),
        notification_id=notification_id,
        channel=channel,
        target_id=target_id,
        state=DeliveryState.QUEUED,
        attempts=0,
        round=0,
        due_at=due_at,
        claimed_at=None,
        tried_at=None,
        sent_at=None,
        reference=None,
        error=None,
        created_at=now,
        updated_at=now,
    )


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 10 s, 40 s, ... an hour."""
    grown: int = 4 ** min(attempts - 1, 10)
    return min(FIRST_PAUSE * grown, LONGEST_PAUSE)
