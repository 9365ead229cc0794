"""A statement of SQLAlchemy, compiled once for asyncpg when its module is imported."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import (
    ARRAY,
    Boolean,
    Date,
    DateTime,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Select,
    String,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.visitors import iterate
from sqlalchemy.types import TypeEngine

from app.core.errors import AppError, Contention

Row = TypeVar("Row")
Violations = Mapping[str, type[AppError] | type[Contention]]
Statement = Select[*tuple[Any, ...]] | UpdateBase

PLACE: Final = re.compile(r"\$(\d+)")
LOCKING: Final = re.compile(r"pg_advisory_xact_lock| FOR (?:NO KEY )?(?:UPDATE|SHARE)")
DIALECT: Final = dialect()  # type: ignore[no-untyped-call]

# What asyncpg reads and writes by itself, so that no processor of SQLAlchemy ever has to run.
# A StrEnum goes in as the str it is and is made again on the way out; a range stays in SQL.
NATIVE: Final = (Uuid, String, Integer, Boolean, DateTime, Date, LargeBinary, Float, JSONB)


class Command:
    """A statement whose answer is how many rows it touched.

    `violations` names the refusal behind a constraint. Refused with a TypeError, at import: IN
    with a list (write `== any_(array)`), a default made by Python, a type that is not native.
    """

    def __init__(self, statement: Statement, *, violations: Violations | None = None) -> None:
        compiled = statement.compile(dialect=DIALECT)
        assert isinstance(compiled, SQLCompiler)
        if compiled.post_compile_params or compiled.literal_execute_params:
            raise TypeError(f"IN with a list is written anew each time; use any_(): {compiled}")
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError(f"a default made by Python would be lost here: {compiled}")
        binds = [compiled.binds[name] for name in compiled.positiontup or ()]
        for bind in binds:
            _ensure_native(bind.key, bind.type)
        self.sql: Final = compiled.string
        self.violations: Final = violations or {}
        self.changes: Final = not isinstance(statement, Select) or _changes(statement)
        self.locks: Final = not self.changes and bool(LOCKING.search(self.sql))
        self.parameters: Final = frozenset(bind.key for bind in binds if bind.required)
        self._order: Final = tuple((bind.key, bind.value) for bind in binds)

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """Return the values in the order of $1, $2, ...; constants come from the statement."""
        if given.keys() != self.parameters:
            missing, unknown = self.parameters - given.keys(), given.keys() - self.parameters
            raise TypeError(f"missing {sorted(missing)}, unknown {sorted(unknown)} in: {self.sql}")
        return [given.get(name, constant) for name, constant in self._order]


class Query(Command, Generic[Row]):
    """A statement with rows: `into` makes one from its columns, in their order."""

    def __init__(
        self,
        statement: Statement,
        into: Callable[..., Row],
        *,
        violations: Violations | None = None,
    ) -> None:
        super().__init__(statement, violations=violations)
        columns = list(statement.exported_columns)
        for column in columns:
            _ensure_native(str(column.key), column.type)
        fields = list(getattr(into, "__dataclass_fields__", ()))
        if fields and fields != [column.key for column in columns]:
            raise TypeError(f"{into} has {fields}, which is not what this selects: {self.sql}")
        self._into = into
        self._guarded: dict[Guard, str] = {}
        self._enums = [
            (index, {None: None, **{member.value: member for member in column.type.enum_class}})
            for index, column in enumerate(columns)
            if isinstance(column.type, Enum) and column.type.enum_class is not None
        ]

    def guarded(self, guard: "Guard") -> str | None:
        """Return the SQL that asks `guard` first, in the same round trip.

        Each row begins with two columns: whether the guard let it pass, and, NULL where there is
        no row, true. A query that changes something has no such form, and gives None.
        """
        if self.changes:
            return None
        if guard not in self._guarded:
            taken = len(self._order)
            asked = PLACE.sub(lambda place: f"${int(place[1]) + taken}", guard.sql)
            self._guarded[guard] = (
                f"SELECT g.let, q.* FROM ({asked}) AS g(let) LEFT JOIN"  # noqa: S608  # of statements
                f" (SELECT true, o.* FROM ({self.sql}) AS o) AS q ON g.let"
            )
        return self._guarded[guard]

    def row(self, record: Iterable[Any]) -> Row:
        values = list(record)
        for index, members in self._enums:
            values[index] = members[values[index]]
        return self._into(*values)


class Guard(Command):
    """A statement with one row of one boolean, asked together with another: may this go on?"""


def _changes(statement: Select[*tuple[Any, ...]]) -> bool:
    """Tell whether a CTE of it inserts, updates or deletes."""
    return any(part.is_dml for part in iterate(statement) if isinstance(part, ClauseElement))


def _ensure_native(name: str, type_: TypeEngine[Any]) -> None:
    item = type_.item_type if isinstance(type_, ARRAY) else type_
    naive = isinstance(item, DateTime) and not item.timezone
    foreign = isinstance(item, Enum) and item.native_enum
    if naive or foreign or not isinstance(item, NATIVE):
        raise TypeError(f"{name}: {item!r} is not native; name a type or convert it in SQL")
