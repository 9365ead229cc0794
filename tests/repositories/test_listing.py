"""What every list promises of its cursors, whoever wrote them."""

import json
from typing import Any
from uuid import uuid4

import pytest

from app.core.database import Connection
from app.core.listing import Bookmark, InvalidCursor, PageRequest
from app.domain.categories import CategoryFilter, CategorySort
from app.domain.offerings import OfferingFilter, OfferingSort
from app.repositories.categories import CategoryRepository
from app.repositories.offerings import OfferingRepository
from tests.factories.catalog import make_category, make_offering


class Anything:
    """What would write any keys at all."""

    def dump_json(self, keys: Any) -> bytes:
        return json.dumps(keys).encode()


def forged(table: str, sort: str, *keys: Any) -> str:
    """Return a cursor as only somebody who has read the source could write it."""
    return Bookmark(f"{table} {sort} {{}}", Anything()).write(keys)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("name", "a\x00b"),
        ("name", "\ud800"),
        ("name", 5),
        ("price", 2**63),
        ("price", "x"),
        ("rating", "x"),
        ("created_at", "0001-01-01T00:00:00+14:00"),
        ("created_at", "9999-12-31T23:59:59-14:00"),
        ("created_at", "2030-01-01T00:00:00"),
        ("created_at", None),
    ],
)
async def test_a_forged_cursor_is_refused_before_the_database_sees_it(
    connection: Connection, sort, key
):
    cursor = forged("offerings", sort, key, str(uuid4()))
    request = PageRequest(OfferingSort(sort), cursor=cursor)

    with pytest.raises(InvalidCursor):
        await OfferingRepository(connection).matching(OfferingFilter(), request)


async def test_a_key_that_its_column_could_not_hold_is_refused(connection: Connection):
    request = PageRequest(
        CategorySort.POSITION, cursor=forged("categories", "position", 2**31, str(uuid4()))
    )

    with pytest.raises(InvalidCursor):
        await CategoryRepository(connection).matching(CategoryFilter(), request)


async def test_a_forged_cursor_that_fits_is_a_place_like_any_other(connection: Connection):
    await make_category(connection, position=1, slug="a")
    await make_category(connection, position=3, slug="b")
    cursor = forged("categories", "position", 2, str(uuid4()))

    page = await CategoryRepository(connection).matching(
        CategoryFilter(), PageRequest(CategorySort.POSITION, cursor=cursor)
    )

    assert [category.slug for category in page.items] == ["b"]


async def test_a_place_is_kept_exactly_where_it_was_worked_out(connection: Connection):
    for number in range(7):
        await make_offering(connection, name="Haircut" + " deluxe" * number)
    wanted, seen, cursor = OfferingFilter(q="hiarcut"), [], None
    while not seen or cursor:
        page = await OfferingRepository(connection).matching(
            wanted, PageRequest(OfferingSort.RELEVANCE, limit=1, cursor=cursor)
        )
        seen += [offering.name for offering in page.items]
        cursor = page.next_cursor

    assert len(seen) == len(set(seen)) == 7
