"""What repositories share: columns and values of a dataclass, and lists that can be filtered."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import AwareDatetime, Field, TypeAdapter
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Integer,
    SmallInteger,
    String,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.types import TypeEngine

from app.core.database import Connection
from app.core.listing import Bookmark, Page, PageRequest
from app.core.statements import Query
from app.models import Model

Row = TypeVar("Row")
COMPILED: Final = 256  # combinations of one list that are kept; clients choose among thousands
BATCH: Final = 128  # rows of a list that are looked at together, by what SQL can't tell
BATCHES: Final = 4
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)


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
    """A list in pages; each combination of filters and sort is compiled once.

    A page starts after the last row of the one before, never at an offset. `unique`, the primary
    key, ends every sort, so that no two rows are equal; what is sorted by is never null. Filters
    and sorts are any expressions; the parameters in them are fields of the filter, or facts.

    `table` is a table, or a subquery with a name. `source` is what to select from where `into`
    needs `shown` columns of other tables too: joins that neither add nor take away rows.
    """

    def __init__(
        self,
        table: type[Model] | FromClause,
        into: Callable[..., Row],
        *,
        filters: Mapping[str, ColumnElement[bool]],
        sorts: Mapping[str, Any],
        shown: Sequence[ColumnElement[Any]] | None = None,
        source: FromClause | None = None,
        unique: ColumnElement[Any] | None = None,
    ) -> None:
        base = table.__table__ if isinstance(table, type) else table
        self._name: Final = str(base.description)
        self._into = into
        self._columns = [base.c[name] for name in _fields(into)] if shown is None else list(shown)
        self._source = base if source is None else source
        self._filters = filters
        self._unique: ColumnElement[Any] = base.c.id if unique is None else unique
        self._sorts: Final[dict[str, ColumnElement[Any]]] = {
            name: key.expression for name, key in sorts.items()
        }
        self._positions: Final = {
            name: TypeAdapter[Any](tuple[_bounded(key.type), _bounded(self._unique.type)])  # type: ignore[arg-type, misc]  # made here
            for name, key in self._sorts.items()
        }
        self._query = lru_cache(COMPILED)(self._build)
        self._count = lru_cache(COMPILED)(self._build_count)
        if (expected := _fields(into)) and expected != [column.key for column in self._columns]:
            raise TypeError(f"{into} is made of {expected}, which is not what is shown")

    async def page(
        self, connection: Connection, wanted: Any, request: PageRequest[Any], **facts: Any
    ) -> Page[Row]:
        """Return the rows that match a filter: a dataclass whose None fields mean any.

        `facts` are parameters that filters may use and that don't belong to the cursor: the time.
        """
        found, bookmark = await self._read(connection, wanted, request, facts)
        items = found[: request.limit]
        end = bookmark.write(items[-1][1]) if len(found) > request.limit else None
        given = _given(wanted)
        total = await self._total(connection, given, facts) if request.include_total else None
        return Page([item for item, _ in items], end, total)

    async def sifted(
        self,
        connection: Connection,
        wanted: Any,
        request: PageRequest[Any],
        keep: Callable[[Sequence[Row]], Awaitable[Sequence[bool]]],
        **facts: Any,
    ) -> Page[Row]:
        """Return a page of the rows of `page` that `keep` keeps, by what SQL can't tell.

        It is asked about BATCH rows at once, and for one page about BATCHES times as many at
        most: a page that would need more is shorter than asked for, and leads on.
        """
        kept: list[tuple[Row, tuple[Any, Any]]] = []
        step = replace(request, limit=BATCH)
        for _ in range(BATCHES):
            found, bookmark = await self._read(connection, wanted, step, facts)
            looked_at = found[:BATCH]
            passing = await keep([item for item, _ in looked_at]) if looked_at else []
            kept += [one for one, passes in zip(looked_at, passing, strict=True) if passes]
            if len(kept) > request.limit:
                kept = kept[: request.limit]
                return Page([item for item, _ in kept], bookmark.write(kept[-1][1]))
            if len(found) <= BATCH:
                return Page([item for item, _ in kept], None)
            step = replace(step, cursor=bookmark.write(looked_at[-1][1]))
        return Page([item for item, _ in kept], step.cursor)

    async def _read(
        self,
        connection: Connection,
        wanted: Any,
        request: PageRequest[Any],
        facts: Mapping[str, Any],
    ) -> tuple[list[tuple[Row, tuple[Any, Any]]], Bookmark]:
        """Return one row more than the page has, if there is one, each with its place."""
        given = _given(wanted)
        position = self._positions[request.sort.removeprefix("-")]
        bookmark = Bookmark(f"{self._name} {request.sort} {given}", position)
        resumed = request.cursor is not None
        query = self._query(frozenset(given), request.sort, resumed, request.limit + 1)
        last = _last(bookmark.read(request.cursor)) if request.cursor is not None else {}
        known = {name: fact for name, fact in facts.items() if name in query.parameters}
        return await connection.all(query, **given, **known, **last), bookmark

    async def _total(
        self, connection: Connection, given: Mapping[str, Any], facts: Mapping[str, Any]
    ) -> int:
        query = self._count(frozenset(given))
        known = {name: fact for name, fact in facts.items() if name in query.parameters}
        return await connection.first(query, **given, **known) or 0

    def _build_count(self, active: frozenset[str]) -> Query[int]:
        conditions = [self._filters[name] for name in sorted(active)]
        return Query(select(func.count()).select_from(self._source).where(*conditions), int)

    def _build(
        self, active: frozenset[str], sort: str, resumed: bool, limit: int
    ) -> Query[tuple[Row, tuple[Any, Any]]]:
        key, descending = self._sorts[sort.removeprefix("-")], sort.startswith("-")
        here = tuple_(key, self._unique)
        rows = (
            select(*self._columns, key.label("here_key"), self._unique.label("here_id"))
            .select_from(self._source)
            .where(*(self._filters[name] for name in sorted(active)))
        )
        if resumed:
            last = tuple_(
                bindparam("last_key", type_=key.type), bindparam("last_id", type_=self._unique.type)
            )
            rows = rows.where(here < last if descending else here > last)
        order = [key.desc(), self._unique.desc()] if descending else [key, self._unique]
        # As a parameter it would keep PostgreSQL from planning once: for all it knows of an unknown
        # limit, a tenth of the table may be wanted.
        return Query(rows.order_by(*order).limit(literal_column(str(limit))), self._placed)

    def _placed(self, *row: Any) -> tuple[Row, tuple[Any, Any]]:
        """Return an item and the place in the list where it stands."""
        return self._into(*row[:-2]), (row[-2], row[-1])


def _given(wanted: Any) -> dict[str, Any]:
    return {name: value for name, value in values(wanted).items() if value is not None}


def _fields(into: Callable[..., Any]) -> list[str]:
    """Return what a dataclass or a named tuple is made of; nothing of another function."""
    return list(getattr(into, "__dataclass_fields__", getattr(into, "_fields", ())))


def _last(place: tuple[Any, Any]) -> dict[str, Any]:
    return {"last_key": place[0], "last_id": place[1]}


def _bounded(type_: TypeEngine[Any]) -> Any:
    """Return what a cursor may say of a column: anybody can forge one, so nothing it can't hold."""
    match type_:
        case SmallInteger() | Integer() | BigInteger():
            bits = {SmallInteger: 15, BigInteger: 63}.get(type(type_), 31)
            return Annotated[int, Field(ge=-(1 << bits), lt=1 << bits)]
        case String():
            return Annotated[str, Field(pattern=r"^[^\x00]*$")]
        case DateTime():
            return Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
    return type_.python_type
