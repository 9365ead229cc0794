"""The accounts of the books, as those who may look into them see them."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.core.money import Money
from app.domain.ledger import AccountKind


@dataclass(frozen=True, slots=True)
class ShownAccount:
    id: UUID
    kind: AccountKind
    owner_id: UUID | None
    gateway: str
    currency: str
    balance: int

    @property
    def money(self) -> Money:
        return Money(self.balance, self.currency)


class LedgerAccountSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts to list; None means any."""

    kind: AccountKind | None = None
    owner_id: UUID | None = None
    currency: str | None = None
