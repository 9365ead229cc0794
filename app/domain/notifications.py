"""The vocabulary of telling people something: kinds, channels, and what is known of each time.

A notification is one fact for one person. Each channel they have it by makes a delivery of it,
see `notification_deliveries`; in the program itself it is the notification that is shown.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.listing import Page
from app.core.money import Money

LONGEST_MESSAGE: Final = 2000
LONGEST_KEY: Final = 200


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    TELEGRAM = "telegram"
    IN_APP = "in_app"


class Kind(StrEnum):
    """What somebody is told; a template is named for each.

    `received_...` is for who sells: what became of bookings that others made with them.
    """

    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_APPROVED = "booking_approved"
    BOOKING_DECLINED = "booking_declined"
    BOOKING_MOVED = "booking_moved"
    BOOKING_REDUCED = "booking_reduced"
    BOOKING_CANCELLED = "booking_cancelled"
    EVENT_MOVED = "event_moved"
    EVENT_CANCELLED = "event_cancelled"
    REMINDER = "reminder"
    SEATS_OFFERED = "seats_offered"
    SLOT_OFFERED = "slot_offered"
    TICKET_HANDED_OVER = "ticket_handed_over"
    PAYMENT_NEEDED = "payment_needed"
    PAYMENT_SUCCEEDED = "payment_succeeded"
    PAYMENT_FAILED = "payment_failed"
    REFUND_SUCCEEDED = "refund_succeeded"
    REFUND_FAILED = "refund_failed"
    PAYOUT_PROPOSED = "payout_proposed"
    PAYOUT_PAID = "payout_paid"
    PAYOUT_CANCELLED = "payout_cancelled"
    DISPUTE_BEGUN = "dispute_begun"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_WON = "dispute_won"
    REST_DUE = "rest_due"
    FEE_OWED = "fee_owed"
    REVIEW_INVITED = "review_invited"
    REVIEW_RECEIVED = "review_received"
    REVIEW_REPLIED = "review_replied"
    CHAT_DIGEST = "chat_digest"
    SECURITY_NOTICE = "security_notice"
    MESSAGE = "message"
    RECEIVED_BOOKING = "received_booking"
    RECEIVED_REQUEST = "received_request"
    RECEIVED_MOVE = "received_move"
    RECEIVED_REDUCTION = "received_reduction"
    RECEIVED_CANCELLATION = "received_cancellation"


class NotificationSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


class NotificationNotFound(NotFound):
    """There is no such notification."""


class Unreachable(Conflict):
    """This person can't be reached that way."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was so when it happened: ids, instants and amounts, and nobody's name.

    Names, titles and places are looked up when it is told. `reason` is a word of a gateway;
    `text` alone is words: what staff wrote to the very person who is told.
    """

    booking_id: UUID | None = None
    event_id: UUID | None = None
    payment_id: UUID | None = None
    refund_id: UUID | None = None
    payout_id: UUID | None = None
    dispute_id: UUID | None = None
    entry_id: UUID | None = None
    service_id: UUID | None = None
    wait_id: UUID | None = None
    ticket_id: UUID | None = None
    code_version: int | None = None
    conversation_id: UUID | None = None
    review_id: UUID | None = None
    starts_at: datetime | None = None
    moved_from: datetime | None = None
    until: datetime | None = None
    at: datetime | None = None
    amount: int | None = None
    currency: str | None = None
    count: int | None = None
    notice: str | None = None
    reason: str | None = None
    text: str | None = None

    @property
    def money(self) -> Money | None:
        if self.amount is None or self.currency is None:
            return None
        return Money(self.amount, self.currency)

    def write(self) -> dict[str, Any]:
        """Return them as JSON has them, without what is not known."""
        written: dict[str, Any] = FORM.dump_python(self, mode="json", exclude_none=True)
        return written

    def ids(self) -> dict[str, UUID]:
        """Return what it is about: what a client may look up."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in named.items() if isinstance(value, UUID)}


FORM: Final = TypeAdapter(Facts)
NOTHING: Final = Facts()


@dataclass(frozen=True, slots=True)
class Notification:
    """`user_id` is None where all that is known of somebody is their address, in a ticket.

    `key` is the same for the same fact, however often it is announced. One that is not `is_shown`
    goes out by other channels alone.
    """

    id: UUID
    user_id: UUID | None
    kind: Kind
    key: str
    facts: Facts
    is_shown: bool
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class NotificationFilter:
    """Whose notifications to list; None means any."""

    user_id: UUID | None = None
    unread: bool | None = None


@dataclass(frozen=True, slots=True)
class ShownNotification:
    """A notification in words."""

    notification: Notification
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """Some of somebody's notifications, and how many of all they have not read."""

    page: Page[ShownNotification]
    unread: int


def made(
    kind: Kind, user_id: UUID | None, *, key: str, facts: Facts, is_shown: bool, now: datetime
) -> Notification:
    return Notification(
        id=new_id(),
        user_id=user_id,
        kind=kind,
        key=key,
        facts=facts,
        is_shown=is_shown,
        created_at=now,
        read_at=None,
    )


def own(wanted: NotificationFilter, user_id: UUID) -> NotificationFilter:
    """Limit a listing to one's own."""
    return replace(wanted, user_id=user_id)
