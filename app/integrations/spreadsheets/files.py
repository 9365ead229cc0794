"""Spreadsheets as files: CSV, and workbooks by XlsxWriter, in which nothing is ever reckoned."""

import asyncio
import csv
import re
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, Final

from xlsxwriter import Workbook

from app.domain.account_statements import Cell
from app.integrations.spreadsheets.protocol import Rows

# What a spreadsheet takes for the beginning of a formula, also behind white space.
FORMULA: Final = re.compile(r"^[\s]*[=+\-@\t\r]")
UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\']")
LONGEST_TITLE: Final = 31
INSTANT: Final = {"num_format": "yyyy-mm-dd hh:mm:ss"}
OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


class SpreadsheetFiles:
    """Made in a thread, so that others are served meanwhile."""

    async def csv(self, rows: Rows) -> bytes:
        return await asyncio.to_thread(_csv, rows)

    async def xlsx(self, rows: Rows, *, title: str) -> bytes:
        return await asyncio.to_thread(_xlsx, rows, title)


def _csv(rows: Rows) -> bytes:
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_inert(cell) for cell in row])
    return text.getvalue().encode()


def _inert(cell: Cell) -> str:
    """Return it as text; what could be taken for a formula begins with an apostrophe."""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return f"'{cell}" if FORMULA.match(cell) else cell


def _xlsx(rows: Rows, title: str) -> bytes:
    made = BytesIO()
    with Workbook(made, OPTIONS) as book:
        sheet = book.add_worksheet(NOT_IN_TITLES.sub(" ", title)[:LONGEST_TITLE])
        sheet.freeze_panes(1, 0)
        heading, instant = book.add_format({"bold": True}), book.add_format(INSTANT)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                _write(sheet, number, place, cell, instant, None if number else heading)
    return made.getvalue()


def _write(sheet: Any, row: int, place: int, cell: Cell, instant: Any, heading: Any) -> None:
    """Write by the kind of the cell, never by what its text looks like."""
    if isinstance(cell, datetime):
        sheet.write_datetime(row, place, cell.astimezone(UTC).replace(tzinfo=None), instant)
    elif isinstance(cell, Decimal):
        sheet.write_number(row, place, cell)
    else:
        sheet.write_string(row, place, _written(cell), heading)


def _written(text: str) -> str:
    """Return it without what no file can hold.

    XlsxWriter takes text between these two for rich text, and writes it as it is.
    """
    text = UNWRITABLE.sub("", text)
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
