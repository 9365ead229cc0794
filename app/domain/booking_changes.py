"""What happened to a booking: who did what, when and why."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.bookings import BookingStatus


class ChangeKind(StrEnum):
    """What happened to a booking."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    NO_SHOW = "no_show"
    REDUCED = "reduced"
    RESCHEDULED = "rescheduled"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class BookingChange:
    """One thing that happened to a booking; `status` is how it was left.

    No actor: the program did it by itself.
    """

    id: UUID
    booking_id: UUID
    created_at: datetime
    kind: ChangeKind
    status: BookingStatus
    actor_id: UUID | None
    reason: str | None
    moved_from: datetime | None
    moved_to: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Whose history to list."""

    booking_id: UUID


class ChangeSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"
