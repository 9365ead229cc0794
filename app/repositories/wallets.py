"""Every statement about money that people hand to each other, and what came into a wallet."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    String,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.ledger import AccountKind, EntryKind
from app.domain.users import UserStatus
from app.domain.wallets import Movement, MovementFilter, MovementSort, Sent, Transfer
from app.models import LedgerAccounts, LedgerEntries, LedgerPostings, Users, WalletTransfers
from app.repositories.base import Listing, parameters, values

SENDERS: Final = 0x73656E64  # the class of advisory locks that count what one sender hands on
SENDER: Final = bindparam("sender_id", type_=Uuid)
LOCK_SENDER: Final = Command(
    select(func.pg_advisory_xact_lock(func.hashtextextended(cast(SENDER, Text), SENDERS)))
)
# Shared: others may send to them as well, and they can't be deactivated or erased meanwhile.
LOCK_RECEIVER: Final = Query(
    select(Users.id)
    .where(Users.id == bindparam("user_id", type_=Uuid), Users.status == UserStatus.ACTIVE)
    .with_for_update(read=True),
    lambda id_: id_,
)
ADD: Final = Command(insert(WalletTransfers).values(parameters(WalletTransfers, Transfer)))
SENT: Final = Query(
    select(
        func.count(),
        cast(
            func.coalesce(
                func.sum(WalletTransfers.amount).filter(
                    WalletTransfers.currency == bindparam("currency", type_=String)
                ),
                0,
            ),
            BigInteger,
        ),
    ).where(
        WalletTransfers.from_user_id == SENDER,
        WalletTransfers.created_at > bindparam("since", type_=DateTime(timezone=True)),
    ),
    Sent,
)

# Of a transfer, the other one.
OTHER: Final = Users.__table__.alias("other")
IS_OTHER: Final = OTHER.c.id == case(
    (WalletTransfers.from_user_id == LedgerAccounts.owner_id, WalletTransfers.to_user_id),
    else_=WalletTransfers.from_user_id,
)
CALLED: Final = case((OTHER.c.status == UserStatus.ACTIVE, OTHER.c.full_name), else_=null())
POSTED: Final = (
    LedgerPostings.__table__.join(
        LedgerAccounts.__table__, LedgerAccounts.id == LedgerPostings.account_id
    )
    .join(LedgerEntries.__table__, LedgerEntries.id == LedgerPostings.entry_id)
    .outerjoin(
        WalletTransfers.__table__,
        and_(
            LedgerEntries.kind == EntryKind.WALLET_TRANSFER,
            WalletTransfers.id == LedgerEntries.source_id,
        ),
    )
    .outerjoin(OTHER, IS_OTHER)
)
MATCHING: Final = Listing(
    LedgerPostings,
    Movement,
    shown=[
        LedgerPostings.id.expression,
        LedgerEntries.kind.expression,
        LedgerPostings.amount.expression,
        LedgerPostings.currency.expression,
        CALLED.label("counterparty"),
        WalletTransfers.note.expression,
        LedgerPostings.created_at.expression,
    ],
    source=POSTED,
    filters={
        "owner_id": and_(
            LedgerAccounts.kind == AccountKind.CUSTOMER_WALLET,
            LedgerAccounts.owner_id == bindparam("owner_id", type_=Uuid),
        ),
        "currency": LedgerPostings.currency == bindparam("currency", type_=String),
    },
    sorts={"created_at": LedgerPostings.created_at},
)


class WalletRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def lock_sender(self, sender_id: UUID) -> None:
        """Let nobody else count or add what they hand on until the transaction ends."""
        await self.connection.run(LOCK_SENDER, sender_id=sender_id)

    async def lock_receiver(self, user_id: UUID) -> bool:
        """Tell whether there is such an account for everybody; it stays that way meanwhile."""
        return await self.connection.first(LOCK_RECEIVER, user_id=user_id) is not None

    async def add(self, transfer: Transfer) -> None:
        await self.connection.run(ADD, **values(transfer))

    async def sent(self, sender_id: UUID, currency: str, *, since: datetime) -> Sent:
        """Return how often they handed something on after a moment, and how much of a currency."""
        found = await self.connection.first(
            SENT, sender_id=sender_id, currency=currency, since=since
        )
        return found or Sent(0, 0)

    async def movements(
        self, wanted: MovementFilter, request: PageRequest[MovementSort]
    ) -> Page[Movement]:
        return await MATCHING.page(self.connection, wanted, request)
