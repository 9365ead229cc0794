"""Every statement that looks at the entries of the books."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.money import Money
from app.domain.ledger import AccountKind, EntryKind
from app.domain.ledger_entries import EntryFilter, LedgerEntrySort, ShownEntry, ShownPosting
from app.models import LedgerAccounts, LedgerEntries, LedgerPostings
from app.repositories.base import Listing

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


class LedgerEntryRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def matching(
        self, wanted: EntryFilter, request: PageRequest[LedgerEntrySort]
    ) -> Page[ShownEntry]:
        return await ENTRIES.page(self.connection, wanted, request)
