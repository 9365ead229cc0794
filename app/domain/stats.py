"""How the platform is doing, in numbers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.bookings import BookingStatus
from app.domain.offerings import OfferingStatus
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.domain.users import UserStatus

WEEK: Final = timedelta(days=7)
MONTH: Final = timedelta(days=30)


class Counted(StrEnum):
    """What is counted by state alone."""

    OFFERINGS = "offerings"
    PROVIDERS = "providers"
    SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class UserTally:
    """How many accounts are alike in state and roles, and how many of those are new."""

    status: UserStatus
    roles: list[str]
    count: int
    this_week: int
    this_month: int


@dataclass(frozen=True, slots=True)
class BookingTally:
    status: str
    count: int
    upcoming: int
    this_week: int
    this_month: int


@dataclass(frozen=True, slots=True)
class StateTally:
    of: str
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class UserStats:
    total: int
    by_status: dict[str, int]
    by_role: dict[str, int]
    this_week: int
    this_month: int


@dataclass(frozen=True, slots=True)
class BookingStats:
    total: int
    by_status: dict[str, int]
    upcoming: int
    this_week: int
    this_month: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Every state and role has its number, 0 too. Accounts that were erased count nowhere."""

    generated_at: datetime
    users: UserStats
    active_sessions: int
    providers: dict[str, int]
    offerings: dict[str, int]
    bookings: BookingStats


def figures(
    users: list[UserTally],
    bookings: list[BookingTally],
    others: list[StateTally],
    *,
    now: datetime,
) -> Stats:
    """Return the tallies added up."""
    return Stats(
        generated_at=now,
        users=UserStats(
            total=sum(each.count for each in users),
            by_status=_by(UserStatus, ((each.status, each.count) for each in users)),
            by_role=_by(Role, ((role, each.count) for each in users for role in each.roles)),
            this_week=sum(each.this_week for each in users),
            this_month=sum(each.this_month for each in users),
        ),
        active_sessions=sum(each.count for each in others if each.of == Counted.SESSIONS),
        providers=_of(Counted.PROVIDERS, ProviderStatus, others),
        offerings=_of(Counted.OFFERINGS, OfferingStatus, others),
        bookings=BookingStats(
            total=sum(each.count for each in bookings),
            by_status=_by(BookingStatus, ((each.status, each.count) for each in bookings)),
            upcoming=sum(each.upcoming for each in bookings),
            this_week=sum(each.this_week for each in bookings),
            this_month=sum(each.this_month for each in bookings),
        ),
    )


def _of(what: Counted, states: type[StrEnum], tallies: list[StateTally]) -> dict[str, int]:
    return _by(states, ((each.status, each.count) for each in tallies if each.of == what))


def _by(names: type[StrEnum], counted: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the sum for each name there is."""
    sums: Counter[str] = Counter()
    for name, count in counted:
        sums[str(name)] += count
    return {str(name): sums[str(name)] for name in names}
