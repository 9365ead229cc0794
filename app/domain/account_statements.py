"""The statement of one account: what moved in a time, and what was in it after each move."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from app.core.errors import Invalid
from app.core.money import exponent
from app.domain.ledger import EntryKind
from app.domain.ledger_accounts import ShownAccount

MOST_LINES: Final = 50_000
HEADINGS: Final = ("Time", "Entry", "What", "Reference", "Note", "Amount", "Balance", "Currency")
Cell = str | Decimal | datetime


class StatementFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


class StatementTooLong(Invalid):
    """More than 50,000 lines; ask for a shorter time."""

    pointer = "#/from"


class Line(NamedTuple):
    entry_id: UUID
    kind: EntryKind
    source_id: UUID
    note: str | None
    created_at: datetime
    amount: int


@dataclass(frozen=True, slots=True)
class AccountStatement:
    """`opening` is what was in the account before the first line."""

    account: ShownAccount
    opening: int
    lines: Sequence[Line]

    def rows(self) -> Iterator[Sequence[Cell]]:
        """Yield the headings and each line, with what was in the account after it."""
        yield HEADINGS
        currency, balance = self.account.currency, self.opening
        digits = exponent(currency)
        for line in self.lines:
            balance += line.amount
            yield (
                line.created_at,
                str(line.entry_id),
                str(line.kind),
                str(line.source_id),
                line.note or "",
                Decimal(line.amount).scaleb(-digits),
                Decimal(balance).scaleb(-digits),
                currency,
            )
