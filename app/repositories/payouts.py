"""Every statement about what is paid out to those who sell."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, String, Uuid, bindparam, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.money import Money
from app.core.statements import Command, Query
from app.domain.ledger import Account
from app.domain.payouts import Payout, PayoutFilter, PayoutSort, PayoutStatus
from app.models import Payouts
from app.repositories.base import Listing, columns, parameters, values

ADD: Final = Command(insert(Payouts).values(parameters(Payouts, Payout)))
ONE: Final = select(*columns(Payouts, Payout)).where(
    Payouts.id == bindparam("payout_id", type_=Uuid)
)
BY_ID: Final = Query(ONE, Payout)
LOCK: Final = Query(ONE.with_for_update(), Payout)
SETTLE: Final = Command(
    update(Payouts)
    .where(
        Payouts.id == bindparam("payout_id", type_=Uuid), Payouts.status == PayoutStatus.PROPOSED
    )
    .values(
        status=bindparam("new_status", type_=Payouts.status.type),
        settled_by=bindparam("actor_id", type_=Uuid),
        settled_at=bindparam("now", type_=DateTime(timezone=True)),
        updated_at=bindparam("now", type_=DateTime(timezone=True)),
    )
)
PROPOSED: Final = Query(
    select(cast(func.coalesce(func.sum(Payouts.amount), 0), BigInteger)).where(
        Payouts.owner_id == bindparam("owner_id", type_=Uuid),
        Payouts.account == bindparam("account", type_=Payouts.account.type),
        Payouts.currency == bindparam("currency", type_=String),
        Payouts.status == PayoutStatus.PROPOSED,
    ),
    int,
)
MATCHING: Final = Listing(
    Payouts,
    Payout,
    filters={
        "owner_id": Payouts.owner_id == bindparam("owner_id"),
        "status": Payouts.status == bindparam("status"),
    },
    sorts={"created_at": Payouts.created_at},
)


class PayoutRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, payout: Payout) -> None:
        await self.connection.run(ADD, **values(payout))

    async def get(self, payout_id: UUID) -> Payout | None:
        return await self.connection.first(BY_ID, payout_id=payout_id)

    async def lock(self, payout_id: UUID) -> Payout | None:
        return await self.connection.first(LOCK, payout_id=payout_id)

    async def settle(
        self, payout_id: UUID, status: PayoutStatus, *, by: UUID, now: datetime
    ) -> None:
        """Note how a locked payout ended."""
        await self.connection.run(
            SETTLE, payout_id=payout_id, new_status=status, actor_id=by, now=now
        )

    async def proposed(self, account: Account, currency: str) -> Money:
        """Return how much of an account is proposed and not settled; it must be locked."""
        found = await self.connection.first(
            PROPOSED, owner_id=account.owner_id, account=account.kind, currency=currency
        )
        return Money(found or 0, currency)

    async def matching(
        self, wanted: PayoutFilter, request: PageRequest[PayoutSort]
    ) -> Page[Payout]:
        return await MATCHING.page(self.connection, wanted, request)
