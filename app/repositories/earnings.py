"""Every statement about what was paid for and is over."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, any_, bindparam, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.statements import Query
from app.domain.bookings import BookingStatus
from app.domain.dues import GIVEN_UP
from app.domain.ledger import EntryKind
from app.domain.payments import RefundState
from app.models import Bookings, LedgerEntries, Payments, Refunds

OVER: Final = (BookingStatus.COMPLETED, BookingStatus.NO_SHOW, *GIVEN_UP)
LEFT: Final = Payments.captured_amount - Payments.refunded_amount - Payments.disputed_amount
# As `owed` in the domain says.
OWED: Final = case(
    (or_(*(Bookings.status == status for status in GIVEN_UP)), Bookings.late_fee_amount),
    (Bookings.status == BookingStatus.NO_SHOW, Bookings.price_amount),
    else_=Bookings.price_amount + Bookings.late_fee_amount,
)
# Of what is not over yet, or is still to be given back, nothing is earned.
UNEARNED: Final = Query(
    select(Payments.booking_id)
    .join(Bookings, Bookings.id == Payments.booking_id)
    .where(
        Payments.captured_amount > 0,
        Bookings.status == any_(bindparam("over", type_=ARRAY(Bookings.status.type))),
        or_(
            Bookings.updated_at <= bindparam("before", type_=DateTime(timezone=True)),
            Bookings.status == BookingStatus.COMPLETED,
        ),
        ~exists().where(
            LedgerEntries.kind == EntryKind.BOOKING_EARNED,
            LedgerEntries.source_id == Payments.booking_id,
        ),
        ~exists().where(Refunds.payment_id == Payments.id, Refunds.state == RefundState.PENDING),
    )
    .group_by(Payments.booking_id, Bookings.id)
    .having(func.sum(LEFT) <= OWED, func.sum(LEFT) != 0)
    .order_by(Payments.booking_id)
    .limit(bindparam("most", type_=BigInteger)),
    lambda id_: id_,
)


class EarningRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def unearned(self, *, before: datetime, most: int) -> list[UUID]:
        """Return some bookings that are over, paid, and in nobody's earnings yet.

        Those that were given up count from a while after, when what goes back has been planned.
        """
        return await self.connection.all(UNEARNED, over=list(OVER), before=before, most=most)
