"""Every statement about how reviews add up."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    String,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command, Query
from app.domain.reviews import Miscount, ReviewStatus, ReviewTotal, Subject, SubjectKind
from app.models import Offerings, Providers, Reviews, ReviewTotals
from app.repositories.base import columns

STARS: Final = ("ones", "twos", "threes", "fours", "fives")
KIND: Final = bindparam("kind", type_=String)
ID: Final = bindparam("subject_id", type_=Uuid)
GET: Final = Query(
    select(*columns(ReviewTotals, ReviewTotal)).where(
        ReviewTotals.subject_kind == KIND, ReviewTotals.subject_id == ID
    ),
    ReviewTotal,
)
ADDED: Final = {name: bindparam(f"add_{name}", type_=Integer) for name in STARS}
OWN: Final = {name: ReviewTotals.__table__.c[name] for name in STARS}
# First the row, and then what is added to it: a CHECK is also asked of what would be inserted.
BEGIN: Final = Command(
    insert(ReviewTotals)
    .values(
        subject_kind=KIND,
        subject_id=ID,
        **{name: literal(0, Integer) for name in STARS},
    )
    .on_conflict_do_nothing()
)
ADD: Final = (
    update(ReviewTotals)
    .where(ReviewTotals.subject_kind == KIND, ReviewTotals.subject_id == ID)
    .values({name: OWN[name] + ADDED[name] for name in STARS})
    .returning(*OWN.values())
)
TOTAL: Final = ADD.cte("total")


def _count(stars: Any) -> ColumnElement[int]:
    return stars["ones"] + stars["twos"] + stars["threes"] + stars["fours"] + stars["fives"]  # type: ignore[no-any-return]


def _average(stars: Any) -> ColumnElement[float]:
    given = sum((stars[name] * weight for weight, name in enumerate(STARS[1:], 2)), stars["ones"])
    count = _count(stars)
    return case((count > 0, cast(given, Double) / count), else_=literal(0.0, Double))


RATED: Final = {"rating_average": _average(TOTAL.c), "rating_count": _count(TOTAL.c)}
# The row of the total is locked by then: whoever comes next adds to what this one made of it.
CHANGE: Final = {
    SubjectKind.EVENT: Command(ADD),
    SubjectKind.PROVIDER: Command(update(Providers).where(Providers.id == ID).values(RATED)),
    SubjectKind.SERVICE: Command(update(Offerings).where(Offerings.id == ID).values(RATED)),
}


def _recounted(kind: SubjectKind, column: Any) -> Any:
    times = [
        cast(func.count().filter(Reviews.rating == stars), Integer).label(name)
        for stars, name in enumerate(STARS, 1)
    ]
    return (
        select(literal(kind.value, String).label("kind"), column.label("id"), *times)
        .where(Reviews.status == ReviewStatus.APPROVED, column.is_not(None))
        .group_by(column)
    )


RECOUNT: Final = union_all(
    _recounted(SubjectKind.EVENT, Reviews.event_id),
    _recounted(SubjectKind.PROVIDER, Reviews.provider_id),
    _recounted(SubjectKind.SERVICE, Reviews.service_id),
).subquery("recount")
KEPT: Final = select(
    cast(ReviewTotals.subject_kind, String).label("kind"),
    ReviewTotals.subject_id.label("id"),
    *OWN.values(),
).subquery("kept")
FOUND: Final = [func.coalesce(KEPT.c[name], 0).label(f"found_{name}") for name in STARS]
EXPECTED: Final = [func.coalesce(RECOUNT.c[name], 0).label(f"expected_{name}") for name in STARS]


def _miscount(kind: str, id_: UUID, *stars: int) -> Miscount:
    found, expected = ReviewTotal(*stars[:5]), ReviewTotal(*stars[5:])
    return Miscount(Subject(SubjectKind(kind), id_), found, expected)


MISCOUNTS: Final = Query(
    select(
        func.coalesce(KEPT.c.kind, RECOUNT.c.kind).label("kind"),
        func.coalesce(KEPT.c.id, RECOUNT.c.id).label("id"),
        *FOUND,
        *EXPECTED,
    )
    .select_from(
        KEPT.join(RECOUNT, (KEPT.c.kind == RECOUNT.c.kind) & (KEPT.c.id == RECOUNT.c.id), full=True)
    )
    .where(
        or_(
            *(
                found.element != expected.element
                for found, expected in zip(FOUND, EXPECTED, strict=True)
            )
        )
    )
    .limit(bindparam("most", type_=Integer)),
    _miscount,
)
COUNT: Final = _count(OWN)


def _shown(kind: SubjectKind, table: Any) -> Query[Miscount]:
    """Return what finds where lists are sorted by something else than the total."""
    zeros = [literal(0, Integer).label(f"expected_{name}") for name in STARS[1:]]
    kept = func.coalesce(COUNT, 0)
    return Query(
        select(
            literal(kind.value, String).label("kind"),
            table.id,
            table.rating_count.label("found_ones"),
            *[literal(0, Integer).label(f"found_{name}") for name in STARS[1:]],
            kept.label("expected_ones"),
            *zeros,
        )
        .outerjoin(
            ReviewTotals,
            (ReviewTotals.subject_kind == kind.value) & (ReviewTotals.subject_id == table.id),
        )
        .where(
            or_(
                table.rating_count != kept,
                func.abs(table.rating_average - func.coalesce(_average(OWN), 0.0)) > 1e-9,
            )
        )
        .limit(bindparam("most", type_=Integer)),
        _miscount,
    )


SHOWN: Final = (
    _shown(SubjectKind.PROVIDER, Providers),
    _shown(SubjectKind.SERVICE, Offerings),
)


class ReviewTotalRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, subject: Subject) -> ReviewTotal | None:
        return await self.connection.first(GET, kind=subject.kind, subject_id=subject.id)

    async def add(self, subject: Subject, change: list[int]) -> None:
        """Add to how often each number of stars was given, and to what lists are sorted by."""
        about = {"kind": subject.kind, "subject_id": subject.id}
        await self.connection.run(BEGIN, **about)
        more = {f"add_{name}": by for name, by in zip(STARS, change, strict=True)}
        await self.connection.run(CHANGE[subject.kind], **about, **more)

    async def miscounts(self, *, most: int) -> list[Miscount]:
        """Return totals that are not what their reviews add up to, or lists that are not."""
        found = await self.connection.all(MISCOUNTS, most=most)
        for shown in SHOWN:
            found += await self.connection.all(shown, most=most)
        return found
