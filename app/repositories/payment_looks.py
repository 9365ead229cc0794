"""Every statement about which payments their gateways are asked about though they are paid."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Interval,
    Uuid,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.payments import FIRST_LOOK, LONGEST_PAUSE, GatewayName, Payment, RefundState
from app.models import Payments, Refunds
from app.repositories.base import columns
from app.repositories.payments import INSTANT, NOW, lasting

MOST: Final = bindparam("most", type_=BigInteger)
# The older it is, the less often; what is locked is heard of just now.
QUARTER: Final = (NOW - Payments.paid_at).op("/", precedence=8, return_type=Interval())(
    literal_column("4")
)
PAUSE: Final = func.greatest(lasting(FIRST_LOOK), func.least(lasting(LONGEST_PAUSE), QUARTER))
DUE: Final = (
    select(Payments.id)
    .where(Payments.look_at <= NOW)
    .order_by(Payments.look_at)
    .limit(MOST)
    .with_for_update(skip_locked=True)
    .cte("due")
)
TAKEN: Final = (
    update(Payments)
    .where(Payments.id == DUE.c.id)
    .values(look_at=NOW + PAUSE)
    .returning(Payments.id)
    .cte("taken")
)
TAKE: Final = Query(select(TAKEN.c.id), lambda id_: id_)
LEAVE: Final = Command(
    update(Payments).where(Payments.id == bindparam("id", type_=Uuid)).values(look_at=None)
)
PARTS: Final = Payments.__table__.alias("parts")
IS_CHANGING: Final = exists().where(
    or_(
        Refunds.payment_id == Payments.id,
        Refunds.payment_id.in_(select(PARTS.c.id).where(PARTS.c.group_id == Payments.id)),
    ),
    Refunds.state == RefundState.PENDING,
)
NEWEST: Final = Query(
    select(*columns(Payments, Payment))
    .where(
        Payments.gateway == bindparam("gateway"),
        Payments.group_id.is_(None),
        Payments.updated_at <= bindparam("before", type_=INSTANT),
        ~IS_CHANGING,
    )
    .order_by(Payments.created_at.desc(), Payments.id.desc())  # there is an index
    .limit(MOST),
    Payment,
)


class PaymentLookRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def take(self, *, most: int, now: datetime) -> list[UUID]:
        """Return some payments that are due to be looked at, and not again for a while.

        The while is a quarter of what has passed since it was paid: an hour at least, and three
        days at most.
        """
        return await self.connection.all(TAKE, most=most, now=now)

    async def leave(self, payment_id: UUID) -> None:
        """Look at it no more."""
        await self.connection.run(LEAVE, id=payment_id)

    async def newest(self, gateway: GatewayName, *, before: datetime, most: int) -> list[Payment]:
        """Return the newest of a gateway: untouched since `before`, no refund under way."""
        return await self.connection.all(NEWEST, gateway=gateway, before=before, most=most)
