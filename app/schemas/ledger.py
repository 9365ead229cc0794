"""The books as the API shows them."""

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.account_statements import StatementFormat
from app.domain.ledger import AccountKind, Balance, EntryKind
from app.domain.ledger_accounts import AccountFilter, LedgerAccountSort, ShownAccount
from app.domain.ledger_entries import EntryFilter, LedgerEntrySort, ShownEntry, ShownPosting
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import (
    EARLIEST,
    LATEST,
    Currency,
    Id,
    Instant,
    ListQuery,
    Money,
    Request,
    money_read,
)

OwnerId = Annotated[
    UUID | None, Field(description="A user; null for the platform's own.", examples=[SOME_ID])
]
Gateway = Annotated[
    str | None, Field(description="Of `gateway_clearing`, whose it is.", examples=[None])
]


class LedgerAccountRead(TypedDict):
    """What is owed to somebody has a positive balance, what the platform has a negative one."""

    id: AnId
    account: AccountKind
    owner_id: OwnerId
    gateway: Gateway
    balance: Money


def ledger_account_read(account: ShownAccount) -> LedgerAccountRead:
    return {
        "id": account.id,
        "account": account.kind,
        "owner_id": account.owner_id,
        "gateway": account.gateway or None,
        "balance": money_read(account.money),
    }


class PostingRead(TypedDict):
    account_id: AnId
    account: AccountKind
    owner_id: OwnerId
    gateway: Gateway
    amount: Money


def posting_read(posting: ShownPosting) -> PostingRead:
    return {
        "account_id": posting.account_id,
        "account": posting.account,
        "owner_id": posting.owner_id,
        "gateway": posting.gateway or None,
        "amount": money_read(posting.amount),
    }


class LedgerEntryRead(TypedDict):
    """Something that happened; its postings sum to zero in each currency."""

    id: AnId
    kind: EntryKind
    reference: Annotated[
        UUID,
        Field(
            description="What it happened to: a payment, a refund, a booking, a transfer.",
            examples=[SOME_ID],
        ),
    ]
    note: Annotated[str | None, Field(examples=[None])]
    created_at: ATime
    postings: list[PostingRead]


def ledger_entry_read(entry: ShownEntry) -> LedgerEntryRead:
    return {
        "id": entry.id,
        "kind": entry.kind,
        "reference": entry.source_id,
        "note": entry.note,
        "created_at": entry.created_at,
        "postings": [posting_read(posting) for posting in entry.postings],
    }


class BalanceRead(TypedDict):
    account: AccountKind
    owner_id: OwnerId
    gateway: Gateway
    balance: Money


class TrialBalanceRead(TypedDict):
    """The balances of one currency sum to zero."""

    items: list[BalanceRead]


def trial_balance_read(balances: list[Balance]) -> TrialBalanceRead:
    return {
        "items": [
            {
                "account": each.account,
                "owner_id": each.owner_id,
                "gateway": each.gateway or None,
                "balance": money_read(each.balance),
            }
            for each in balances
        ]
    }


class LedgerAccountQuery(ListQuery):
    sort: LedgerAccountSort = LedgerAccountSort.OLDEST
    kind: AccountKind | None = None
    owner_id: Id | None = None
    """Whose account it is."""
    currency: Currency | None = None

    def wanted(self) -> AccountFilter:
        return AccountFilter(self.kind, self.owner_id, self.currency)

    def page(self) -> PageRequest[LedgerAccountSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


class LedgerEntryQuery(ListQuery):
    sort: LedgerEntrySort = LedgerEntrySort.NEWEST
    kind: EntryKind | None = None
    noted_from: Annotated[Instant | None, Field(alias="from")] = None
    """Written at or after."""
    noted_before: Annotated[Instant | None, Field(alias="to")] = None
    """Written before."""
    account: AccountKind | None = None
    """With a posting to such an account."""
    owner_id: Id | None = None
    """With a posting to an account of this user; of that kind, where `account` is given."""

    def wanted(self) -> EntryFilter:
        return EntryFilter(
            kind=self.kind,
            noted_from=self.noted_from,
            noted_before=self.noted_before,
            account=self.account,
            owner_id=self.owner_id,
            account_owner_id=self.owner_id if self.account else None,
        )

    def page(self) -> PageRequest[LedgerEntrySort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


class StatementQuery(Request):
    start: Annotated[Instant, Field(alias="from")] = EARLIEST
    """What moved at or after; what was there before is in the balance."""
    end: Annotated[Instant, Field(alias="to")] = LATEST
    """What moved before."""
    format: StatementFormat = StatementFormat.CSV


STATEMENT: Final[dict[str, Any]] = {
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}, "example": "Time,Entry,What"}
        for kind in (
            "text/csv",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )
    }
}
