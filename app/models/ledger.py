"""The books: accounts with their balances, and entries that are never changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.ledger import AccountKind, EntryKind
from app.models.base import Record


class LedgerAccounts(Record):
    """`balance` is the sum of the account's postings, kept by the statement that adds them."""

    __tablename__ = "ledger_accounts"

    kind: Mapped[AccountKind]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    gateway: Mapped[str] = mapped_column(String(20), server_default=text("''"))
    currency: Mapped[str] = mapped_column(String(3))
    balance: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))

    __table_args__ = (
        CheckConstraint("kind <> 'customer_wallet' OR balance >= 0", name="wallet"),
        # One of each; NULLS NOT DISTINCT says so of the platform's own too.
        UniqueConstraint(
            "kind",
            "owner_id",
            "gateway",
            "currency",
            name="uq_ledger_accounts_account",
            postgresql_nulls_not_distinct=True,
        ),
        UniqueConstraint("id", "currency", name="uq_ledger_accounts_currency"),
        Index("ix_ledger_accounts_of_owner", "owner_id", "kind"),
        # Its rows are written again and again, each time in the same page.
        {"postgresql_with": {"fillfactor": 50}},
    )


class LedgerEntries(Record):
    """One thing that happened, in the books once: by its kind and what it happened to."""

    __tablename__ = "ledger_entries"

    kind: Mapped[EntryKind]
    source_id: Mapped[UUID]
    note: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("kind", "source_id", name="uq_ledger_entries_cause"),
        Index("ix_ledger_entries_created", "created_at", "id"),
    )


class LedgerPostings(Record):
    """Append-only; of one entry they sum to zero in each currency, which a trigger sees to."""

    __tablename__ = "ledger_postings"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_entries.id"), index=True)
    account_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]

    __table_args__ = (
        ForeignKeyConstraint(
            ["account_id", "currency"], ["ledger_accounts.id", "ledger_accounts.currency"]
        ),
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("amount BETWEEN -1000000000000 AND 1000000000000", name="bounded"),
        Index("ix_ledger_postings_of_account", "account_id", "created_at", "id"),
    )
