"""The figures of the platform, as the API shows them."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.stats import Stats
from app.schemas.accounts import ATime

Count = Annotated[int, Field(examples=[42])]


class UserStatsRead(TypedDict):
    """Somebody with two roles is counted in both."""

    total: Count
    by_status: Annotated[
        dict[str, int], Field(examples=[{"active": 40, "pending": 1, "deactivated": 1}])
    ]
    by_role: Annotated[dict[str, int], Field(examples=[{"customer": 42, "provider": 7}])]
    new_in_7_days: Count
    new_in_30_days: Count


class SessionStatsRead(TypedDict):
    active: Count


class StateStatsRead(TypedDict):
    total: Count
    by_status: Annotated[dict[str, int], Field(examples=[{"active": 41, "inactive": 1}])]


class BookingStatsRead(TypedDict):
    """`upcoming`: confirmed or held, and not begun yet."""

    total: Count
    by_status: Annotated[dict[str, int], Field(examples=[{"confirmed": 40, "cancelled": 2}])]
    upcoming: Count
    made_in_7_days: Count
    made_in_30_days: Count


class StatsRead(TypedDict):
    generated_at: ATime
    users: UserStatsRead
    sessions: SessionStatsRead
    providers: StateStatsRead
    services: StateStatsRead
    bookings: BookingStatsRead


def stats_read(stats: Stats) -> StatsRead:
    users, bookings = stats.users, stats.bookings
    return {
        "generated_at": stats.generated_at,
        "users": {
            "total": users.total,
            "by_status": users.by_status,
            "by_role": users.by_role,
            "new_in_7_days": users.this_week,
            "new_in_30_days": users.this_month,
        },
        "sessions": {"active": stats.active_sessions},
        "providers": _states_read(stats.providers),
        "services": _states_read(stats.offerings),
        "bookings": {
            "total": bookings.total,
            "by_status": bookings.by_status,
            "upcoming": bookings.upcoming,
            "made_in_7_days": bookings.this_week,
            "made_in_30_days": bookings.this_month,
        },
    }


def _states_read(by_status: dict[str, int]) -> StateStatsRead:
    return {"total": sum(by_status.values()), "by_status": by_status}
