"""Every statement about money given back."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.payments import RefundState
from app.domain.refunds import Refund, RefundFilter, RefundSort
from app.models import Payments, Refunds
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(Refunds, Refund)
INSTANT: Final = DateTime(timezone=True)
ID: Final = bindparam("id", type_=Uuid)
CHANGING: Final = ("state", "reference", "failure_code", "attempts", "updated_at")

ADD: Final = Command(insert(Refunds).values(parameters(Refunds, Refund)).inline())
BY_ID: Final = Query(select(*COLUMNS).where(Refunds.id == ID), Refund)
LOCKED: Final = Query(select(*COLUMNS).where(Refunds.id == ID).with_for_update(), Refund)
BY_REFERENCE: Final = Query(
    select(*COLUMNS)
    .where(
        Refunds.payment_id == bindparam("payment_id"),
        Refunds.reference == bindparam("reference"),
    )
    .with_for_update(),
    Refund,
)
CHANGE: Final = Command(
    update(Refunds)
    .where(Refunds.id == ID)
    .values({name: bindparam(name, type_=Refunds.__table__.c[name].type) for name in CHANGING})
)
STALE: Final = Query(
    select(Refunds.id)
    .where(
        Refunds.state == RefundState.PENDING,
        Refunds.updated_at <= bindparam("before", type_=INSTANT),
    )
    .order_by(Refunds.updated_at)
    .limit(bindparam("most", type_=BigInteger)),
    lambda id_: id_,
)
UNANSWERED: Final = Query(
    select(*COLUMNS)
    .where(
        Refunds.payment_id == bindparam("payment_id"),
        Refunds.amount == bindparam("amount"),
        Refunds.state == RefundState.PENDING,
        Refunds.reference.is_(None),
    )
    .order_by(Refunds.created_at, Refunds.id)
    .limit(1)
    .with_for_update(),
    Refund,
)
FAILURES: Final = Query(
    select(func.count()).where(
        Refunds.payment_id == bindparam("payment_id"), Refunds.state == RefundState.FAILED
    ),
    int,
)
# Of one for several bookings, those of its shares.
SHARES: Final = select(Payments.id).where(Payments.group_id == bindparam("payment_id", type_=Uuid))
IS_OF_PAYMENT: Final = or_(
    Refunds.payment_id == bindparam("payment_id", type_=Uuid), Refunds.payment_id.in_(SHARES)
)
OF_GROUP: Final = Query(
    select(*COLUMNS).where(Refunds.payment_id.in_(SHARES)).order_by(Refunds.created_at, Refunds.id),
    Refund,
)
OTHERS: Final = Query(
    select(Refunds.reference).where(
        IS_OF_PAYMENT,
        Refunds.id != ID,
        Refunds.reference.is_not(None),
    ),
    lambda reference: reference,
)
IS_OTHER_SENT: Final = Query(
    select(
        exists().where(
            IS_OF_PAYMENT,
            Refunds.id != ID,
            Refunds.state == RefundState.PENDING,
            Refunds.attempts > 0,
            Refunds.reference.is_(None),
        )
    ),
    bool,
)
# Of two who would send one at the same time, one finds no row.
TAKEN_UP: Final = (
    update(Refunds)
    .where(
        Refunds.id == ID,
        Refunds.state == RefundState.PENDING,
        or_(
            Refunds.attempts == 0,
            Refunds.updated_at <= bindparam("before", type_=INSTANT),
        ),
    )
    .values(attempts=Refunds.attempts + 1, updated_at=bindparam("now", type_=INSTANT))
    .returning(*COLUMNS)
    .cte("taken_up")
)
TAKE_UP: Final = Query(select(*TAKEN_UP.c), Refund)
MATCHING: Final = Listing(
    Refunds,
    Refund,
    filters={"payment_id": IS_OF_PAYMENT},
    sorts={"created_at": Refunds.created_at},
)


class RefundRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, refund: Refund) -> None:
        await self.connection.run(ADD, **values(refund))

    async def get(self, refund_id: UUID) -> Refund | None:
        return await self.connection.first(BY_ID, id=refund_id)

    async def lock(self, refund_id: UUID) -> Refund | None:
        """Return it locked until the transaction ends; its payment must be locked before."""
        return await self.connection.first(LOCKED, id=refund_id)

    async def with_reference(self, payment_id: UUID, reference: str) -> Refund | None:
        """Return the refund of a payment that its gateway calls that, locked."""
        return await self.connection.first(BY_REFERENCE, payment_id=payment_id, reference=reference)

    async def change(self, refund: Refund) -> None:
        """Write how far it has come."""
        written: dict[str, Any] = {name: getattr(refund, name) for name in CHANGING}
        await self.connection.run(CHANGE, id=refund.id, **written)

    async def take_up(self, refund_id: UUID, *, before: datetime, now: datetime) -> Refund | None:
        """Return a pending refund for one to send; None if somebody took it up since `before`."""
        return await self.connection.first(TAKE_UP, id=refund_id, before=before, now=now)

    async def of_group(self, group_id: UUID) -> list[Refund]:
        """Return all refunds of the shares of a payment, the oldest first."""
        return await self.connection.all(OF_GROUP, payment_id=group_id)

    async def others(self, refund: Refund, payment_id: UUID) -> frozenset[str]:
        """Return what the gateway calls all other refunds of the payment that it knows."""
        found = await self.connection.all(OTHERS, payment_id=payment_id, id=refund.id)
        return frozenset(found)

    async def is_other_sent(self, refund: Refund, payment_id: UUID) -> bool:
        """Tell whether another of the same payment was sent, and what became of it is not known."""
        given = {"payment_id": payment_id, "id": refund.id}
        return await self.connection.first(IS_OTHER_SENT, **given) or False

    async def unanswered(self, payment_id: UUID, amount: int) -> Refund | None:
        """Return a refund of that sum of which no gateway has told yet, locked."""
        return await self.connection.first(UNANSWERED, payment_id=payment_id, amount=amount)

    async def failures(self, payment_id: UUID) -> int:
        """Return how many refunds of a payment have failed."""
        return await self.connection.first(FAILURES, payment_id=payment_id) or 0

    async def stale(self, *, before: datetime, most: int) -> list[UUID]:
        """Return some refunds that are under way and were not heard of since `before`."""
        return await self.connection.all(STALE, before=before, most=most)

    async def matching(
        self, wanted: RefundFilter, request: PageRequest[RefundSort]
    ) -> Page[Refund]:
        return await MATCHING.page(self.connection, wanted, request)
