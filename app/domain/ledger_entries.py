"""The entries of the books, as those who may look into them see them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from app.core.money import Money
from app.domain.ledger import AccountKind, EntryKind


class ShownPosting(NamedTuple):
    account_id: UUID
    account: AccountKind
    owner_id: UUID | None
    gateway: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with its postings, in the order of their accounts."""

    id: UUID
    kind: EntryKind
    source_id: UUID
    note: str | None
    created_at: datetime
    postings: list[ShownPosting]


class LedgerEntrySort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries to list, by what happened when, or by one of their postings; None means any.

    `account` and `owner_id` are of the same posting where both are given: then the owner stands
    in `account_owner_id`, too.
    """

    kind: EntryKind | None = None
    noted_from: datetime | None = None
    noted_before: datetime | None = None
    account: AccountKind | None = None
    owner_id: UUID | None = None
    account_owner_id: UUID | None = None
