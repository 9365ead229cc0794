"""Every statement about the rest of what was paid for in part."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, bindparam, or_, select, update

from app.core.database import Connection
from app.core.statements import Query
from app.domain.bookings import BookingStatus, PaymentStatus
from app.domain.deposits import DepositRest
from app.models import Bookings

NOW: Final = bindparam("now", type_=DateTime(timezone=True))
UNTIL: Final = bindparam("until", type_=DateTime(timezone=True))

# One that was told before and is moved to a later time is told again.
SOME: Final = (
    select(Bookings.id)
    .where(
        Bookings.status == BookingStatus.CONFIRMED,
        Bookings.payment_status == PaymentStatus.PARTIALLY_PAID,
        Bookings.deposit_rest == DepositRest.LATER,
        Bookings.starts_at > NOW,
        Bookings.starts_at <= UNTIL,
        or_(
            Bookings.rest_told_at.is_(None),
            Bookings.rest_told_at + (UNTIL - NOW) < Bookings.starts_at,
        ),
    )
    .order_by(Bookings.starts_at)
    .limit(bindparam("most", type_=BigInteger))
    .with_for_update(skip_locked=True)
    .cte("some")
)
TOLD: Final = (
    update(Bookings)
    .where(Bookings.id == SOME.c.id)
    .values(rest_told_at=NOW)
    .returning(Bookings.id)
    .cte("told")
)
DUE: Final = Query(select(TOLD.c.id), lambda id_: id_)


class DepositRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def due(self, *, notice: timedelta, now: datetime, most: int) -> list[UUID]:
        """Return some bookings that start within `notice`, of which the rest is to be paid online.

        Each is returned once for a start.
        """
        return await self.connection.all(DUE, until=now + notice, now=now, most=most)
