"""Spreadsheets as files: CSV, and the few parts of Office Open XML that a plain table needs.

A workbook (ECMA-376, part 1) is a zip of XML. Text stands in the cells themselves, as inline
strings, and there is no element for a formula anywhere: there is none that could be smuggled in.
"""

import asyncio
import csv
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from app.domain.account_statements import Cell
from app.integrations.spreadsheets.protocol import Rows

# What a spreadsheet takes for the beginning of a formula, also behind white space.
FORMULA: Final = re.compile(r"^[\s]*[=+\-@\t\r]")
UNWRITABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
EPOCH: Final = datetime(1899, 12, 30, tzinfo=UTC)
MADE_AT: Final = (1980, 1, 1, 0, 0, 0)  # the same rows make the same bytes
ROOT: Final = "http://schemas.openxmlformats.org"
MAIN: Final = f"{ROOT}/spreadsheetml/2006/main"
OFFICE: Final = f"{ROOT}/officeDocument/2006/relationships"
KIND: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{ROOT}/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/>'
    "</Types>",
    "_rels/.rels": f'<Relationships xmlns="{ROOT}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{ROOT}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font/></fonts>'
    '<fills count="1"><fill/></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>',
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
    name = escape(re.sub(r"[\[\]:*?/\\]", " ", title)[:31], {'"': "&quot;"})
    workbook = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        f'<sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )
    with ZipFile(made, "w", ZIP_DEFLATED) as file:
        for path, part in (PARTS | {"xl/workbook.xml": workbook}).items():
            file.writestr(ZipInfo(path, MADE_AT), HEAD + part, ZIP_DEFLATED)
        sheet = ZipInfo("xl/worksheets/sheet1.xml", MADE_AT)
        sheet.compress_type = ZIP_DEFLATED
        with file.open(sheet, "w") as out:
            out.write(f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for row in rows:
                out.write(_row(row).encode())
            out.write(b"</sheetData></worksheet>")
    return made.getvalue()


def _row(row: Sequence[Cell]) -> str:
    return f"<row>{''.join(map(_cell, row))}</row>"


def _cell(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"<c><v>{cell:f}</v></c>"
    if isinstance(cell, datetime):
        days = (cell.astimezone(UTC) - EPOCH).total_seconds() / 86_400
        return f'<c s="1"><v>{days:.9f}</v></c>'
    text = escape(UNWRITABLE.sub("\ufffd", cell))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
