"""Every statement that writes into the books, and those that look up a balance."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    String,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.money import Money
from app.core.statements import Query
from app.domain.ledger import (
    Account,
    AccountKind,
    Entry,
    EntryKind,
    InsufficientFunds,
    Posting,
    balanced,
)
from app.models import LedgerAccounts, LedgerEntries, LedgerPostings
from app.repositories.base import parameters, values

MADE: Final = (
    insert(LedgerEntries)
    .values(parameters(LedgerEntries, Entry))
    .on_conflict_do_nothing(constraint="uq_ledger_entries_cause")
    .returning(LedgerEntries.id, LedgerEntries.created_at)
    .cte("made")
)
GIVEN: Final = (
    func.unnest(
        bindparam("account_ids", type_=ARRAY(Uuid)),
        bindparam("posting_ids", type_=ARRAY(Uuid)),
        bindparam("kinds", type_=ARRAY(Text)),
        bindparam("owner_ids", type_=ARRAY(Uuid)),
        bindparam("gateways", type_=ARRAY(Text)),
        bindparam("currencies", type_=ARRAY(Text)),
        bindparam("amounts", type_=ARRAY(BigInteger)),
    )
    .table_valued(
        *("account_id", "posting_id", "kind", "owner_id", "gateway", "currency", "amount"),
        with_ordinality="place",
    )
    .render_derived(name="given")
)


KNOWN: Final = LedgerAccounts.__table__.alias("known")
IS_KNOWN: Final = exists(
    select(KNOWN.c.id).where(
        KNOWN.c.kind == GIVEN.c.kind,
        KNOWN.c.owner_id == GIVEN.c.owner_id,  # a wallet has one, and an index finds it so
        KNOWN.c.gateway == GIVEN.c.gateway,
        KNOWN.c.currency == GIVEN.c.currency,
    )
)
# A row is checked as it is given, also where it is not what will be there. So what is taken from
# an account that is known is given as nothing, and the sum is checked. Accounts never go away.
OPENING: Final = case((and_(GIVEN.c.amount < 0, IS_KNOWN), 0), else_=GIVEN.c.amount)
OPENED: Final = insert(LedgerAccounts).from_select(
    ["id", "kind", "owner_id", "gateway", "currency", "balance"],
    select(
        GIVEN.c.account_id,
        GIVEN.c.kind,
        GIVEN.c.owner_id,
        GIVEN.c.gateway,
        GIVEN.c.currency,
        OPENING,
    )
    .select_from(GIVEN)
    .join(MADE, MADE.c.id.is_not(None))
    .order_by(GIVEN.c.place),
)
ADDED: Final = (
    select(GIVEN.c.amount)
    .where(GIVEN.c.account_id == literal_column("excluded.id", Uuid))
    .scalar_subquery()
)
COUNTED: Final = (
    OPENED.on_conflict_do_update(
        constraint="uq_ledger_accounts_account",
        set_={"balance": LedgerAccounts.balance + ADDED},
    )
    .returning(
        LedgerAccounts.id,
        LedgerAccounts.kind,
        LedgerAccounts.owner_id,
        LedgerAccounts.gateway,
        LedgerAccounts.currency,
    )
    .cte("counted")
)
POSTED: Final = (
    insert(LedgerPostings)
    .from_select(
        ["id", "entry_id", "account_id", "currency", "amount", "created_at"],
        select(
            GIVEN.c.posting_id,
            MADE.c.id,
            COUNTED.c.id,
            GIVEN.c.currency,
            GIVEN.c.amount,
            MADE.c.created_at,
        )
        .select_from(GIVEN)
        .join(
            COUNTED,
            and_(
                COUNTED.c.kind == GIVEN.c.kind,
                COUNTED.c.owner_id.is_not_distinct_from(GIVEN.c.owner_id),
                COUNTED.c.gateway == GIVEN.c.gateway,
                COUNTED.c.currency == GIVEN.c.currency,
            ),
        )
        .join(MADE, MADE.c.id.is_not(None)),
    )
    .cte("posted")
)
WRITE: Final = Query(
    select(exists(select(MADE.c.id))).add_cte(POSTED),
    bool,
    violations={"ck_ledger_accounts_wallet": InsufficientFunds},
)

IS_ACCOUNT: Final = and_(
    LedgerAccounts.kind == bindparam("kind", type_=LedgerAccounts.kind.type),
    LedgerAccounts.owner_id.is_not_distinct_from(bindparam("owner_id", type_=Uuid)),
    LedgerAccounts.gateway == bindparam("gateway", type_=String),
    LedgerAccounts.currency == bindparam("currency", type_=String),
)
LOCK: Final = Query(select(LedgerAccounts.balance).where(IS_ACCOUNT).with_for_update(), int)
BALANCES: Final = Query(
    select(LedgerAccounts.balance.label("amount"), LedgerAccounts.currency)
    .where(
        LedgerAccounts.kind == bindparam("kind", type_=LedgerAccounts.kind.type),
        LedgerAccounts.owner_id == bindparam("owner_id", type_=Uuid),
    )
    .order_by(LedgerAccounts.currency),
    Money,
)
HAS: Final = Query(
    select(
        exists().where(
            LedgerEntries.kind == bindparam("kind", type_=LedgerEntries.kind.type),
            LedgerEntries.source_id == bindparam("source_id", type_=Uuid),
        )
    ),
    bool,
)


class LedgerRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def write(self, entry: Entry, postings: Sequence[Posting]) -> bool:
        """Write what happened, once; tell whether it was new.

        Accounts are locked in the order of `balanced`, until the transaction ends, and made where
        there are none. Refused with InsufficientFunds where a wallet would be under zero.
        """
        ordered = balanced(postings)
        facts = {**values(entry), **_unzipped(ordered)}
        return await self.connection.first(WRITE, **facts) or False

    async def has(self, kind: EntryKind, source_id: UUID) -> bool:
        return await self.connection.first(HAS, kind=kind, source_id=source_id) or False

    async def lock(self, account: Account, currency: str) -> Money:
        """Return what is in an account, locked if there is one: nothing moves it meanwhile."""
        found = await self.connection.first(LOCK, **account._asdict(), currency=currency)
        return Money(found or 0, currency)

    async def balances(self, kind: AccountKind, owner_id: UUID) -> list[Money]:
        """Return what somebody has in accounts of one kind, one for each currency."""
        return await self.connection.all(BALANCES, kind=kind, owner_id=owner_id)


def _unzipped(postings: Sequence[Posting]) -> dict[str, list[Any]]:
    return {
        "account_ids": [new_id() for _ in postings],
        "posting_ids": [new_id() for _ in postings],
        "kinds": [str(posting.account.kind) for posting in postings],
        "owner_ids": [posting.account.owner_id for posting in postings],
        "gateways": [posting.account.gateway for posting in postings],
        "currencies": [posting.amount.currency for posting in postings],
        "amounts": [posting.amount.amount for posting in postings],
    }
