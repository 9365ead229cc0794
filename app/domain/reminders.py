"""Reminding people of what they booked, some time before it starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.messages import Message

REMINDED: Final = [1440, 120]
"""Minutes before the start, where nothing else is said."""
STEP: Final = 15
LONGEST_LEAD: Final = 7 * 1440
MOST_LEADS: Final = 5


@dataclass(frozen=True, slots=True)
class ReminderDue(Message):
    """It is time to remind somebody of a booking; of how much is told by the clock."""

    booking_id: UUID


@dataclass(frozen=True, slots=True)
class Reminded:
    """When a booking starts, when it was made, and how many minutes before it is reminded of."""

    starts_at: datetime
    created_at: datetime
    reminder_minutes: list[int]


def lead_now(leads: Sequence[int], starts_at: datetime, *, now: datetime) -> int | None:
    """Return the nearest lead whose time has come, in minutes; None before, and once it began.

    A lead is a duration: a day is 24 hours, also when clocks change.
    """
    if starts_at <= now:
        return None
    return min((lead for lead in leads if starts_at - timedelta(minutes=lead) <= now), default=None)
