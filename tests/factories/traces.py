"""Looking for somebody in everything there is: every column of every table, and every file."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

COLUMNS = """
SELECT table_schema, table_name, array_agg(column_name::text), array_agg(data_type::text)
  FROM information_schema.columns JOIN information_schema.tables
       USING (table_schema, table_name)
 WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'
 GROUP BY 1, 2 ORDER BY 1, 2
"""
KEYS = """
SELECT format('%I.%I', table_schema, table_name), column_name::text
  FROM information_schema.columns
 WHERE table_schema = 'public' AND column_name IN ('user_id', 'provider_id', 'owner_id')
"""


async def columns_with(raw: Any, words: Sequence[str]) -> set[str]:
    """Return the columns, as `table.column`, in which one of these words stands, however spelled.

    `raw` is a connection of asyncpg.
    """
    patterns = [f"%{word}%" for word in words]
    found: set[str] = set()
    for schema, table, names, types in await raw.fetch(COLUMNS):
        tests = [
            f"coalesce(bool_or({_text(name, type_)} ILIKE ANY ($1)), false)"
            for name, type_ in zip(names, types, strict=True)
        ]
        row = await raw.fetchrow(f'SELECT {", ".join(tests)} FROM "{schema}"."{table}"', patterns)
        found |= {f"{table}.{name}" for name, has in zip(names, row, strict=True) if has}
    return found


async def tables_of(raw: Any, *ids: UUID) -> set[str]:
    """Return the tables in which rows belong to an account, or to the provider it is."""
    found: set[str] = set()
    for table, column in await raw.fetch(KEYS):
        owned = f"SELECT EXISTS (SELECT FROM {table} WHERE {column} = ANY ($1))"
        if await raw.fetchval(owned, list(ids)):
            found.add(table.partition(".")[2])
    return found


def files_with(folder: Path, words: Iterable[str]) -> set[str]:
    """Return the files whose name or content has one of these words."""
    wanted = [word.lower().encode() for word in words]
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if any(word in _content(path).lower() for word in wanted)
    }


def _content(path: Path) -> bytes:
    return str(path).encode() + (path.read_bytes() if path.is_file() else b"")


def _text(name: str, type_: str) -> str:
    return f"encode(\"{name}\", 'escape')" if type_ == "bytea" else f'"{name}"::text'
