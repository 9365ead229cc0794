"""Every statement that counts the platform.

Each table is read once, from end to end: what is asked for is what all rows say together. Of a
million accounts and a million bookings that takes a second or so.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.core.database import Connection
from app.core.statements import Query
from app.domain.bookings import BookingStatus
from app.domain.stats import MONTH, WEEK, BookingTally, Counted, StateTally, UserTally
from app.models import Bookings, Offerings, Providers, Sessions, Users
from app.repositories.booking_changes import HAS_LAPSED
from app.repositories.bookings import SHOWN_STATUS

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
ALL: Final = func.count(type_=BigInteger)


def _since(column: Any, since: str) -> ColumnElement[int]:
    """Count those that were made since then."""
    return ALL.filter(column >= bindparam(since, type_=INSTANT)).label(f"this_{since}")


USERS: Final = Query(
    select(
        Users.status,
        Users.roles,
        ALL.label("count"),
        _since(Users.created_at, "week"),
        _since(Users.created_at, "month"),
    )
    .where(Users.erased_at.is_(None))
    .group_by(Users.status, Users.roles),
    UserTally,
)

TAKES_PLACE: Final = or_(
    Bookings.status == BookingStatus.CONFIRMED,
    and_(Bookings.status == BookingStatus.PENDING, ~HAS_LAPSED),
)
BOOKINGS: Final = Query(
    select(
        SHOWN_STATUS.label("status"),
        ALL.label("count"),
        ALL.filter(TAKES_PLACE, Bookings.starts_at >= NOW).label("upcoming"),
        _since(Bookings.created_at, "week"),
        _since(Bookings.created_at, "month"),
    ).group_by(SHOWN_STATUS),
    BookingTally,
)


def _states(of: Counted, table: type[Providers] | type[Offerings]) -> Select[Any]:
    return select(
        literal(str(of), Text).label("of"),
        table.status.cast(Text).label("status"),
        ALL.label("count"),
    ).group_by(table.status)


OTHERS: Final = union_all(
    _states(Counted.PROVIDERS, Providers),
    _states(Counted.OFFERINGS, Offerings),
    select(literal(str(Counted.SESSIONS), Text), literal("active", Text), ALL).where(
        Sessions.revoked_at.is_(None), Sessions.expires_at > NOW
    ),
).subquery("others")
STATES: Final = Query(select(OTHERS), StateTally)


class StatsRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def users(self, *, now: datetime) -> list[UserTally]:
        """Count accounts by state and roles, but for those that were erased."""
        return await self.connection.all(USERS, week=now - WEEK, month=now - MONTH)

    async def bookings(self, *, now: datetime) -> list[BookingTally]:
        """Count bookings by the state they are shown in."""
        return await self.connection.all(BOOKINGS, now=now, week=now - WEEK, month=now - MONTH)

    async def states(self, *, now: datetime) -> list[StateTally]:
        """Count providers and offerings by state, and the sessions that are live."""
        return await self.connection.all(STATES, now=now)
