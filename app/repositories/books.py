"""Every statement that adds up the books: the trial balance, and one account line by line."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Uuid, bindparam, cast, func, select

from app.core.database import Connection
from app.core.money import Money
from app.core.statements import Query
from app.domain.account_statements import Line
from app.domain.ledger import AccountKind, Balance
from app.models import LedgerAccounts, LedgerEntries, LedgerPostings


def _balance(
    account: AccountKind, owner_id: UUID | None, gateway: str, amount: int, currency: str
) -> Balance:
    return Balance(account, owner_id, gateway, Money(amount, currency))


BALANCES: Final = Query(
    select(
        LedgerAccounts.kind,
        LedgerAccounts.owner_id,
        LedgerAccounts.gateway,
        LedgerAccounts.balance,
        LedgerAccounts.currency,
    )
    .where(LedgerAccounts.balance != 0)
    .order_by(
        LedgerAccounts.currency,
        LedgerAccounts.kind,
        LedgerAccounts.gateway,
        LedgerAccounts.owner_id,
    )
    .limit(bindparam("most", type_=BigInteger)),
    _balance,
)
NOBODYS: Final = cast(None, Uuid)
SUMS: Final = Query(
    select(
        LedgerAccounts.kind,
        NOBODYS.label("owner_id"),
        LedgerAccounts.gateway,
        cast(func.sum(LedgerAccounts.balance), BigInteger),
        LedgerAccounts.currency,
    )
    .group_by(LedgerAccounts.currency, LedgerAccounts.kind, LedgerAccounts.gateway)
    .order_by(LedgerAccounts.currency, LedgerAccounts.kind, LedgerAccounts.gateway),
    _balance,
)

OF_ACCOUNT: Final = LedgerPostings.account_id == bindparam("account_id", type_=Uuid)
FROM: Final = bindparam("start", type_=DateTime(timezone=True))
OPENING: Final = Query(
    select(cast(func.coalesce(func.sum(LedgerPostings.amount), 0), BigInteger)).where(
        OF_ACCOUNT, LedgerPostings.created_at < FROM
    ),
    int,
)
LINES: Final = Query(
    select(
        LedgerEntries.id.label("entry_id"),
        LedgerEntries.kind,
        LedgerEntries.source_id,
        LedgerEntries.note,
        LedgerPostings.created_at,
        LedgerPostings.amount,
    )
    .join(LedgerEntries, LedgerEntries.id == LedgerPostings.entry_id)
    .where(
        OF_ACCOUNT,
        LedgerPostings.created_at >= FROM,
        LedgerPostings.created_at < bindparam("end", type_=DateTime(timezone=True)),
    )
    .order_by(LedgerPostings.created_at, LedgerPostings.id)
    .limit(bindparam("most", type_=BigInteger)),
    Line,
)


class BookRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def balances(self, *, most: int) -> list[Balance]:
        """Return what is in each account that is not empty, if there are no more than so many."""
        return await self.connection.all(BALANCES, most=most)

    async def sums(self) -> list[Balance]:
        """Return the same of all accounts of a kind together, whosever they are."""
        return await self.connection.all(SUMS)

    async def opening(self, account_id: UUID, *, start: datetime) -> int:
        """Return what was in an account before a moment."""
        return await self.connection.first(OPENING, account_id=account_id, start=start) or 0

    async def lines(
        self, account_id: UUID, *, start: datetime, end: datetime, most: int
    ) -> list[Line]:
        return await self.connection.all(
            LINES, account_id=account_id, start=start, end=end, most=most
        )
