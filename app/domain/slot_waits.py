"""The vocabulary of waiting for a time with a provider that is booked now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict
from app.core.messages import Message
from app.domain.availability import MOST_DAYS, Opening, RangeTooLong
from app.domain.bookings import SlotUnavailable
from app.domain.waitlist import WaitlistStatus
from app.domain.walltime import instant, instants, local_date, midnight

MOST_WINDOWS: Final = 50
DAY: Final = timedelta(days=1)
MINUTE: Final = 60


class SlotWaitSort(StrEnum):
    """In the order in which they joined."""

    JOINED = "created_at"
    LAST = "-created_at"


@dataclass(frozen=True, slots=True)
class SlotWait:
    """Days and hours in the provider's zone; no windows: any hour. No provider: any.

    While it is `offered`, `offered_by` keeps `offer_blocked_from` to `offer_blocked_until`, the
    appointment with its buffers, for them alone.
    """

    id: UUID
    service_id: UUID
    provider_id: UUID | None
    user_id: UUID
    first_day: date
    last_day: date
    windows: list[list[int]] | None
    status: WaitlistStatus
    offered_by: UUID | None
    offer_starts_at: datetime | None
    offer_blocked_from: datetime | None
    offer_blocked_until: datetime | None
    offer_expires_at: datetime | None
    booking_id: UUID | None
    created_at: datetime
    updated_at: datetime

    def first_of(self, found: Iterable[Opening], zone: str) -> tuple[int, int] | None:
        """Return start and length, in seconds, of the first time that suits; None if none does."""
        suiting = (
            (start, one.length) for one in found for start in one.starts if self.suits(start, zone)
        )
        return min(suiting, default=None)

    def suits(self, start: int, zone: str) -> bool:
        """Tell whether a start, in seconds, lies within what is wanted, by the clock of a zone."""
        day = local_date(start, zone)
        if not self.first_day <= day <= self.last_day:
            return False
        if not self.windows:
            return True
        return any(_is_within(start, day, window, zone) for window in self.windows)


@dataclass(frozen=True, slots=True)
class SlotWaitFilter:
    """Which to list; None means any."""

    service_id: UUID | None = None
    status: WaitlistStatus | None = None
    user_id: UUID | None = None


class SlotsAvailable(Conflict):
    """There is a free time; nobody has to wait for one."""

    example = SlotUnavailable.example


@dataclass(frozen=True, slots=True)
class SlotOffered(Message):
    """A time came free for somebody who waits."""

    wait_id: UUID


@dataclass(frozen=True, slots=True)
class TimeFreed(Message):
    """A provider may have time again that somebody waits for."""

    provider_id: UUID


def ensure_days(first: date, last: date) -> None:
    """Refuse with RangeTooLong what ends before it begins, or spans too many days."""
    if not 0 <= (last - first).days < MOST_DAYS:
        raise RangeTooLong


def seconds_of(wait: SlotWait, zone: str) -> tuple[int, int]:
    """Return the wanted days, in seconds, as they are in a zone: `[since, until)`."""
    return midnight(wait.first_day, zone), midnight(wait.last_day + DAY, zone)


def as_of(wait: SlotWait, now: datetime) -> SlotWait:
    """Return it as it is at that moment: an offer whose time has passed has lapsed."""
    expires = wait.offer_expires_at
    if wait.status is WaitlistStatus.OFFERED and expires is not None and expires <= now:
        return replace(wait, status=WaitlistStatus.LAPSED)
    return wait


def offered(
    wait: SlotWait,
    provider_id: UUID,
    start: int,
    length: int,
    *,
    buffers: tuple[int, int],
    now: datetime,
    offer: timedelta,
) -> SlotWait:
    """Return it with a time that is kept for it; `buffers` are minutes before and after."""
    before, after = buffers
    return replace(
        wait,
        status=WaitlistStatus.OFFERED,
        offered_by=provider_id,
        offer_starts_at=instant(start),
        offer_blocked_from=instant(start - before * MINUTE),
        offer_blocked_until=instant(start + length + after * MINUTE),
        offer_expires_at=min(now + offer, instant(start)),
        updated_at=now,
    )


def _is_within(start: int, day: date, window: Sequence[int], zone: str) -> bool:
    """Tell whether a start lies within a window of its day, or of the one before past midnight."""
    begins, ends = window
    return any(
        since <= start < until
        for which in (day - DAY, day)
        for since, until in instants(which, begins, ends, zone)
    )
