"""What a section of all that is kept of one person is: a name, and what to select of their rows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Integer, String, Uuid, bindparam, select, tuple_

from app.core.database import Connection
from app.core.statements import Query
from app.domain.exports import Batch, Place, Row

USER: Final = bindparam("user_id", type_=Uuid)
A_BATCH: Final = 500
# Before all that a section can be in order of.
FIRST: Final[dict[type[Any], Any]] = {
    Uuid: UUID(int=0),
    String: "",
    DateTime: datetime(1900, 1, 1, tzinfo=UTC),
}


class Section:
    """What is told of one kind of thing: `columns` of the rows that meet `own`, in order of `by`.

    `by` is unique, never null, and served by an index together with `own`.
    """

    def __init__(self, *columns: Any, own: ColumnElement[bool], by: Sequence[Any]) -> None:
        here: list[ColumnElement[Any]] = [key.expression for key in by]
        after = [bindparam(f"after_{place}", type_=key.type) for place, key in enumerate(here)]
        self._names = [column.key for column in columns]
        self._width = len(here)
        self.first: Final = tuple(FIRST[_kind(key.type)] for key in here)
        self._query = Query(
            select(*columns, *(key.label(f"here_{place}") for place, key in enumerate(here)))
            .where(own, tuple_(*here) > tuple_(*after))
            .order_by(*here)
            .limit(bindparam("most", type_=Integer)),
            self._row,
        )

    async def batch(self, connection: Connection, user_id: UUID, place: Place) -> Batch:
        after = {f"after_{index}": key for index, key in enumerate(place)}
        found = await connection.all(self._query, user_id=user_id, most=A_BATCH, **after)
        return Batch([row for row, _ in found], found[-1][1] if len(found) == A_BATCH else None)

    def _row(self, *row: Any) -> tuple[Row, Place]:
        told, place = row[: -self._width], row[-self._width :]
        return dict(zip(self._names, told, strict=True)), place


def _kind(type_: Any) -> type[Any]:
    return next(kind for kind in FIRST if isinstance(type_, kind))
