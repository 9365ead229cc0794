"""What repositories share: columns and values of a dataclass, and lists that can be filtered."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Integer, bindparam, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app.core.database import Connection
from app.core.listing import Bookmark, Page, PageRequest
from app.core.statements import Query
from app.models import Model


class HasId(Protocol):
    @property
    def id(self) -> UUID: ...


Row = TypeVar("Row", bound=HasId)


def columns(table: type[Model], of: type[Any]) -> list[ColumnElement[Any]]:
    """Return the columns a dataclass is made of, in the order of its fields."""
    return [table.__table__.c[field.name] for field in fields(of)]


def parameters(table: type[Model], of: type[Any]) -> dict[str, ColumnElement[Any]]:
    """Return one parameter for each field of a dataclass, to insert it as `values(row)`."""
    names = [field.name for field in fields(of)]
    return {name: bindparam(name, type_=table.__table__.c[name].type) for name in names}


def values(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


class Listing(Generic[Row]):
    """A list of one table in pages; each combination of filters and sort is compiled once.

    A page starts after the last row of the one before, never at an offset. The primary key ends
    every sort, so that no two rows are equal; columns to sort by are never null.
    """

    def __init__(
        self,
        table: type[Model],
        into: type[Row],
        *,
        filters: Mapping[str, ColumnElement[bool]],
        sorts: Mapping[str, InstrumentedAttribute[Any]],
    ) -> None:
        self._name: Final = table.__tablename__
        self._into = into
        self._columns = columns(table, into)
        self._filters = filters
        self._sorts = {name: column.expression for name, column in sorts.items()}
        self._positions: Final = {
            name: TypeAdapter[Any](tuple[column.type.python_type, UUID])  # type: ignore[name-defined]
            for name, column in self._sorts.items()
        }
        self._id: ColumnElement[UUID] = table.__table__.c.id
        self._query = cache(self._build)
        self._count = cache(self._build_count)

    async def page(
        self, connection: Connection, wanted: Any, request: PageRequest[Any]
    ) -> Page[Row]:
        """Return the rows that match a filter: a dataclass whose None fields mean any."""
        field = request.sort.removeprefix("-")
        bookmark = Bookmark(f"{self._name} {request.sort} {wanted}", self._positions[field])
        given = {name: value for name, value in values(wanted).items() if value is not None}
        query = self._query(frozenset(given), request.sort, request.cursor is not None)
        if request.cursor is not None:
            given["last_key"], given["last_id"] = bookmark.read(request.cursor)
        found = await connection.all(query, limit=request.limit + 1, **given)
        items, more = found[: request.limit], found[request.limit :]
        end = (getattr(items[-1], field), items[-1].id) if more else None
        total = await self._total(connection, wanted) if request.include_total else None
        return Page(items, bookmark.write(end) if end else None, total)

    async def _total(self, connection: Connection, wanted: Any) -> int:
        given = {name: value for name, value in values(wanted).items() if value is not None}
        counted = await connection.first(self._count(frozenset(given)), **given)
        return counted or 0

    def _build_count(self, active: frozenset[str]) -> Query[int]:
        conditions = [self._filters[name] for name in sorted(active)]
        table = self._id.table
        return Query(select(func.count()).select_from(table).where(*conditions), int)

    def _build(self, active: frozenset[str], sort: str, resumed: bool) -> Query[Row]:
        key, descending = self._sorts[sort.removeprefix("-")], sort.startswith("-")
        rows = select(*self._columns).where(*(self._filters[name] for name in sorted(active)))
        here = tuple_(key, self._id)
        if resumed:
            last = tuple_(
                bindparam("last_key", type_=key.type), bindparam("last_id", type_=self._id.type)
            )
            rows = rows.where(here < last if descending else here > last)
        order = [key.desc(), self._id.desc()] if descending else [key, self._id]
        return Query(rows.order_by(*order).limit(bindparam("limit", type_=Integer)), self._into)
