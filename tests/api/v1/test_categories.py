"""The catalog's tree over HTTP."""

import asyncio

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.roles import Role
from app.models import Categories
from app.repositories.categories import CategoryRepository
from tests.conftest import client_of
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_category, make_offering

NOBODY = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
PARENTS = Query(select(Categories.parent_id), lambda parent_id: parent_id)


@pytest.fixture
async def admin(connection, adapters):
    return await sign_in(connection, adapters, Role.ADMIN)


async def test_a_category_is_added_shown_and_listed(client, admin):
    made = await client.post(
        "/categories",
        json={"name": "  Hair & Beard ", "description": "Cuts.", "position": 3},
        headers=admin,
    )

    category = made.json()
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/categories/{category['id']}"
    assert category["name"] == "Hair & Beard"
    assert category["slug"] == "hair-beard"
    assert category["parent_id"] is None
    assert category["position"] == 3
    shown = await client.get(f"/categories/{category['id']}")
    listed = await client.get("/categories")
    assert shown.json() == category
    assert listed.json() == {"items": [category], "next_cursor": None}


@pytest.mark.parametrize(
    ("names", "slugs"),
    [
        (["Стрижка", "стрижка!"], ["strizhka", "strizhka-2"]),
        (["Цукор і їжа"], ["tsukor-i-yizha"]),
        (["Crème brûlée", "Straße"], ["creme-brulee", "strasse"]),
        (["美容", "按摩"], ["category", "category-2"]),
        (["Hair", "Hair care", "Hair"], ["hair", "hair-care", "hair-2"]),
    ],
)
async def test_a_slug_is_made_of_the_name_and_free(client, admin, names, slugs):
    made = [
        (await client.post("/categories", json={"name": name}, headers=admin)).json()["slug"]
        for name in names
    ]

    assert made == slugs


async def test_a_slug_that_is_asked_for_and_taken_is_a_409(client, admin):
    body = {"name": "Hair", "slug": "hair"}
    first = await client.post("/categories", json=body, headers=admin)

    second = await client.post("/categories", json=body, headers=admin)

    assert first.status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "slug-taken")


async def test_the_same_key_adds_a_category_once(client, admin):
    headers = {**admin, "Idempotency-Key": "one"}

    first = await client.post("/categories", json={"name": "Hair"}, headers=headers)
    again = await client.post("/categories", json={"name": "Hair"}, headers=headers)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert len((await client.get("/categories")).json()["items"]) == 1


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.PROVIDER, Role.MANAGEMENT])
async def test_only_administrators_change_the_tree(client, connection, adapters, role):
    category = await make_category(connection)
    headers = await sign_in(connection, adapters, role)
    path = f"/categories/{category.id}"

    answers = [
        await client.post("/categories", json={"name": "Hair"}, headers=headers),
        await client.patch(path, json={"name": "Hair"}, headers=headers),
        await client.delete(path, headers=headers),
    ]
    unknown = await client.post("/categories", json={"name": "Hair"})

    assert [answer.json()["code"] for answer in answers] == ["forbidden"] * 3
    assert unknown.status_code == 401


async def test_a_category_is_changed_in_what_is_named_and_nothing_else(client, connection, admin):
    top = await make_category(connection, name="Top", slug="top")
    category = await make_category(connection, description="Cuts.", parent_id=top.id)
    path = f"/categories/{category.id}"

    renamed = await client.patch(path, json={"name": "Beard"}, headers=admin)
    cleared = await client.patch(path, json={"description": None, "parent_id": None}, headers=admin)

    assert renamed.status_code == 200
    assert renamed.json()["name"] == "Beard"
    assert renamed.json()["slug"] == category.slug
    assert renamed.json()["description"] == "Cuts."
    assert renamed.json()["parent_id"] == str(top.id)
    assert cleared.json()["description"] is None
    assert cleared.json()["parent_id"] is None
    assert (await client.get(path)).headers["ETag"] == cleared.headers["ETag"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": None}, "#/name"),
        ({"name": "   "}, "#/name"),
        ({"name": "a\u0000b"}, "#/name"),
        ({"name": "x" * 101}, "#/name"),
        ({"name": 5}, "#/name"),
        ({"slug": None}, "#/slug"),
        ({"slug": "Hair"}, "#/slug"),
        ({"slug": "hair-"}, "#/slug"),
        ({"position": None}, "#/position"),
        ({"position": "1"}, "#/position"),
        ({"position": -1}, "#/position"),
        ({"parent_id": "hair"}, "#/parent_id"),
        ({"parent_id": NOBODY}, "#/parent_id"),
        ({"colour": "red"}, "#/colour"),
    ],
)
async def test_what_is_wrong_with_a_category_is_pointed_at(
    client, connection, admin, body, pointer
):
    category = await make_category(connection)

    changed = await client.patch(f"/categories/{category.id}", json=body, headers=admin)
    added = await client.post("/categories", json={"name": "Hair", **body}, headers=admin)

    for answer in (changed, added):
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_stale_change_is_a_412_and_an_unchanged_category_a_304(client, connection, admin):
    category = await make_category(connection)
    path = f"/categories/{category.id}"
    tag = (await client.get(path)).headers["ETag"]

    same = await client.get(path, headers={"If-None-Match": tag})
    first = await client.patch(path, json={"name": "A"}, headers={**admin, "If-Match": tag})
    second = await client.patch(path, json={"name": "B"}, headers={**admin, "If-Match": tag})
    removed = await client.delete(path, headers={**admin, "If-Match": tag})

    assert same.status_code == 304
    assert first.status_code == 200
    assert (second.status_code, removed.status_code) == (412, 412)
    assert (await client.get(path)).json()["name"] == "A"


async def test_a_category_is_deleted_once_nothing_is_in_it(client, connection, admin):
    top = await make_category(connection, slug="top")
    below = await make_category(connection, slug="below", parent_id=top.id)
    with_child = await client.delete(f"/categories/{top.id}", headers=admin)

    gone = await client.delete(f"/categories/{below.id}", headers=admin)
    again = await client.delete(f"/categories/{below.id}", headers=admin)

    assert (with_child.status_code, with_child.json()["code"]) == (409, "category-in-use")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (again.status_code, again.json()["code"]) == (404, "category-not-found")


async def test_a_category_with_a_service_in_it_is_not_deleted(client, connection, admin):
    category = await make_category(connection)
    await make_offering(connection, category_id=category.id)

    answer = await client.delete(f"/categories/{category.id}", headers=admin)

    assert (answer.status_code, answer.json()["code"]) == (409, "category-in-use")


async def test_a_category_is_never_put_into_itself_or_below(client, connection, admin):
    top = await make_category(connection, slug="top")
    middle = await make_category(connection, slug="middle", parent_id=top.id)
    bottom = await make_category(connection, slug="bottom", parent_id=middle.id)

    refused = [
        await client.patch(f"/categories/{top.id}", json={"parent_id": str(inner)}, headers=admin)
        for inner in (top.id, middle.id, bottom.id)
    ]
    moved = await client.patch(
        f"/categories/{bottom.id}", json={"parent_id": str(top.id)}, headers=admin
    )

    assert [answer.json()["code"] for answer in refused] == ["category-cycle"] * 3
    assert refused[0].json()["errors"][0]["pointer"] == "#/parent_id"
    assert moved.status_code == 200


async def move_into_each_other(doors, database, adapters) -> tuple[list[int], int]:
    """Put two categories into each other at once; return the answers and how many are on top."""
    async with database.read() as connection:
        headers = await sign_in(connection, adapters, Role.ADMIN)
        one = await make_category(connection, name="one", slug="one")
        other = await make_category(connection, name="other", slug="other")
        async with client_of(doors) as client:
            moves = [
                client.patch(f"/categories/{moved}", json={"parent_id": str(to)}, headers=headers)
                for moved, to in ((one.id, other.id), (other.id, one.id))
            ]
            answers = await asyncio.gather(*moves)
        parents = await connection.all(PARENTS)
    return sorted(answer.status_code for answer in answers), parents.count(None)


async def test_of_two_moves_into_each_other_one_is_refused(real_doors, real_database, adapters):
    assert await move_into_each_other(real_doors, real_database, adapters) == ([200, 422], 1)


async def test_they_would_make_a_circle_if_the_tree_were_not_locked(
    real_doors, real_database, adapters, monkeypatch
):
    both_have_looked, looks = asyncio.Barrier(2), CategoryRepository.is_within

    async def look_and_wait(*given):
        found = await looks(*given)
        await both_have_looked.wait()
        return found

    async def lock_nothing(_):
        pass

    monkeypatch.setattr(CategoryRepository, "lock_tree", lock_nothing)
    monkeypatch.setattr(CategoryRepository, "is_within", look_and_wait)

    assert await move_into_each_other(real_doors, real_database, adapters) == ([200, 200], 0)


async def test_ten_of_one_name_added_at_once_get_ten_slugs(real_doors, real_database, adapters):
    async with real_database.read() as connection:
        headers = await sign_in(connection, adapters, Role.ADMIN)
    async with client_of(real_doors) as client:
        made = await asyncio.gather(
            *(client.post("/categories", json={"name": "Hair"}, headers=headers) for _ in range(10))
        )

    assert [answer.status_code for answer in made] == [201] * 10
    assert len({answer.json()["slug"] for answer in made}) == 10


async def test_a_level_of_the_tree_is_listed_in_its_order(client, connection):
    second = await make_category(connection, name="B", slug="b", position=2)
    first = await make_category(connection, name="C", slug="c", position=1)
    below = await make_category(connection, name="A", slug="a", parent_id=first.id)

    async def listed(query: str) -> list[str]:
        return [item["id"] for item in (await client.get(f"/categories?{query}")).json()["items"]]

    assert await listed("root=true") == [str(first.id), str(second.id)]
    assert await listed("root=false") == [str(below.id)]
    assert await listed(f"parent_id={first.id}") == [str(below.id)]
    assert await listed("sort=name") == [str(below.id), str(second.id), str(first.id)]
    assert await listed("sort=-name") == [str(first.id), str(second.id), str(below.id)]
