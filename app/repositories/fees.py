"""Every statement about fees alone."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, Uuid, bindparam, update

from app.core.database import Connection
from app.core.statements import Command
from app.models import Bookings

WAIVE: Final = Command(
    update(Bookings)
    .where(Bookings.id == bindparam("booking_id", type_=Uuid))
    .values(late_fee_amount=0, updated_at=bindparam("now", type_=DateTime(timezone=True)))
)


class FeeRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def waive(self, booking_id: UUID, *, now: datetime) -> None:
        """Write that nothing is due for it any more. It must be locked."""
        await self.connection.run(WAIVE, booking_id=booking_id, now=now)
