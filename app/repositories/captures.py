"""Every statement about money that is kept first and taken later."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text, Uuid, bindparam, exists, func, select, update

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.booking_changes import ChangeKind
from app.domain.captures import CaptureMode, CaptureTerms
from app.models import BookingChanges, Bookings, Events, Offerings, Payments

IS_GRANTED: Final = exists().where(
    BookingChanges.booking_id == Bookings.id, BookingChanges.kind == ChangeKind.CONFIRMED
)
TERMS: Final = Query(
    select(
        func.coalesce(
            Offerings.capture.cast(Text), Events.capture.cast(Text), CaptureMode.AUTOMATIC.value
        ),
        func.coalesce(Offerings.approval_required, False),
        IS_GRANTED,
    )
    .select_from(Bookings)
    .outerjoin(Offerings, Offerings.id == Bookings.service_id)
    .outerjoin(Events, Events.id == Bookings.event_id)
    .where(Bookings.id == bindparam("booking_id", type_=Uuid)),
    lambda mode, needs_grant, is_granted: CaptureTerms(CaptureMode(mode), needs_grant, is_granted),
)
INTEND: Final = Command(
    update(Payments)
    .where(
        Payments.id == bindparam("id", type_=Uuid),
        Payments.capture_amount.is_(None),
    )
    .values(
        capture_amount=bindparam("amount", type_=BigInteger),
        updated_at=bindparam("now", type_=DateTime(timezone=True)),
    )
)


class CaptureRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def terms(self, booking_id: UUID) -> CaptureTerms:
        """Return how a booking's card is charged; at once, of one that is not there."""
        found = await self.connection.first(TERMS, booking_id=booking_id)
        return found or CaptureTerms(CaptureMode.AUTOMATIC, needs_grant=False, is_granted=False)

    async def intend(self, payment_id: UUID, amount: int, *, now: datetime) -> None:
        """Write down, once, what is to be taken of it. It must be locked."""
        await self.connection.run(INTEND, id=payment_id, amount=amount, now=now)
