"""What the application needs of spreadsheets, in its own words."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from app.domain.account_statements import Cell

Rows = Iterable[Sequence[Cell]]


class Spreadsheets(Protocol):
    """The first row has the headings. Text is text: nothing in it is ever reckoned."""

    async def csv(self, rows: Rows) -> bytes:
        """Return them as CSV (RFC 4180) in UTF-8."""
        ...

    async def xlsx(self, rows: Rows, *, title: str) -> bytes:
        """Return a workbook with one sheet of that title."""
        ...
