"""Every statement about fees alone."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, select, update

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.payments import ChargeState
from app.models import Bookings, Payments

WAIVE: Final = Command(
    update(Bookings)
    .where(Bookings.id == bindparam("booking_id", type_=Uuid))
    .values(
        late_fee_amount=0,
        missed_fee_amount=0,
        updated_at=bindparam("now", type_=DateTime(timezone=True)),
    )
)

UNASKED: Final = Query(
    select(Payments.id)
    .where(
        Payments.is_fee,
        Payments.state == ChargeState.OPEN,
        Payments.reference.is_(None),
        Payments.created_at <= bindparam("before", type_=DateTime(timezone=True)),
    )
    .order_by(Payments.created_at)
    .limit(bindparam("most", type_=BigInteger)),
    lambda id_: id_,
)


class FeeRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def waive(self, booking_id: UUID, *, now: datetime) -> None:
        """Write that nothing is due for it any more. It must be locked."""
        await self.connection.run(WAIVE, booking_id=booking_id, now=now)

    async def unasked(self, *, before: datetime, most: int) -> list[UUID]:
        """Return some that were written down by then, and of which no gateway has answered."""
        return await self.connection.all(UNASKED, before=before, most=most)
