"""Every statement that reads the books: accounts, entries, the trial balance, one account."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.money import Money
from app.core.statements import Query
from app.domain.account_statements import Line
from app.domain.ledger import (
    AccountFilter,
    AccountKind,
    AccountSort,
    Balance,
    EntryFilter,
    EntryKind,
    EntrySort,
    ShownAccount,
    ShownEntry,
    ShownPosting,
)
from app.models import LedgerAccounts, LedgerEntries, LedgerPostings
from app.repositories.base import Listing, columns

ACCOUNT_ID: Final = bindparam("account_id", type_=Uuid)
ACCOUNT: Final = Query(
    select(*columns(LedgerAccounts, ShownAccount)).where(LedgerAccounts.id == ACCOUNT_ID),
    ShownAccount,
)
ACCOUNTS: Final = Listing(
    LedgerAccounts,
    ShownAccount,
    filters={
        "kind": LedgerAccounts.kind == bindparam("kind"),
        "owner_id": LedgerAccounts.owner_id == bindparam("owner_id"),
        "currency": LedgerAccounts.currency == bindparam("currency"),
    },
    sorts={"created_at": LedgerAccounts.id},  # which are made in the order of time
)

TOLD: Final = func.jsonb_build_array(
    LedgerAccounts.id,
    LedgerAccounts.kind,
    LedgerAccounts.owner_id,
    LedgerAccounts.gateway,
    LedgerPostings.amount,
    LedgerPostings.currency,
)
IN_ORDER: Final = (
    LedgerAccounts.kind,
    LedgerAccounts.owner_id,
    LedgerAccounts.gateway,
    LedgerPostings.currency,
)
POSTINGS: Final = (
    select(func.jsonb_agg(aggregate_order_by(TOLD, *IN_ORDER), type_=JSONB))
    .select_from(LedgerPostings)
    .join(LedgerAccounts, LedgerAccounts.id == LedgerPostings.account_id)
    .where(LedgerPostings.entry_id == LedgerEntries.id)
    .correlate(LedgerEntries)
    .scalar_subquery()
)


def shown(
    id_: UUID,
    kind: EntryKind,
    source_id: UUID,
    note: str | None,
    created_at: datetime,
    told: list[list[Any]],
) -> ShownEntry:
    return ShownEntry(id_, kind, source_id, note, created_at, [_posting(*each) for each in told])


def _posting(
    account_id: str, kind: str, owner_id: str | None, gateway: str, amount: int, currency: str
) -> ShownPosting:
    owner = UUID(owner_id) if owner_id else None
    return ShownPosting(
        UUID(account_id), AccountKind(kind), owner, gateway, Money(amount, currency)
    )


def _touches(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether one posting of the entry is to such an account."""
    return (
        exists()
        .where(
            LedgerPostings.entry_id == LedgerEntries.id,
            LedgerAccounts.id == LedgerPostings.account_id,
            *conditions,
        )
        .correlate(LedgerEntries)
    )


IS_KIND: Final = LedgerAccounts.kind == bindparam("account", type_=LedgerAccounts.kind.type)
ENTRIES: Final = Listing(
    LedgerEntries,
    shown,
    shown=[
        LedgerEntries.id.expression,
        LedgerEntries.kind.expression,
        LedgerEntries.source_id.expression,
        LedgerEntries.note.expression,
        LedgerEntries.created_at.expression,
        POSTINGS.label("postings"),
    ],
    filters={
        "kind": LedgerEntries.kind == bindparam("kind"),
        "noted_from": LedgerEntries.created_at >= bindparam("noted_from"),
        "noted_before": LedgerEntries.created_at < bindparam("noted_before"),
        "account": _touches(IS_KIND),
        "owner_id": _touches(LedgerAccounts.owner_id == bindparam("owner_id", type_=Uuid)),
        "account_owner_id": _touches(
            IS_KIND, LedgerAccounts.owner_id == bindparam("account_owner_id", type_=Uuid)
        ),
    },
    sorts={"created_at": LedgerEntries.created_at},
)


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

OF_ACCOUNT: Final = LedgerPostings.account_id == ACCOUNT_ID
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

    async def account(self, account_id: UUID) -> ShownAccount | None:
        return await self.connection.first(ACCOUNT, account_id=account_id)

    async def accounts(
        self, wanted: AccountFilter, request: PageRequest[AccountSort]
    ) -> Page[ShownAccount]:
        return await ACCOUNTS.page(self.connection, wanted, request)

    async def entries(
        self, wanted: EntryFilter, request: PageRequest[EntrySort]
    ) -> Page[ShownEntry]:
        return await ENTRIES.page(self.connection, wanted, request)

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
