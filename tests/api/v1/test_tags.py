"""Tags over HTTP."""

import pytest

from app.domain.offerings import OfferingStatus
from tests.factories.catalog import make_offering, make_provider
from tests.factories.walks import walk


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


async def test_tags_of_active_services_are_counted(client, connection, provider):
    await make_offering(connection, provider, tags=["men", "beard"])
    await make_offering(connection, provider, tags=["men"])
    await make_offering(connection, provider, tags=["secret"], status=OfferingStatus.DRAFT)

    by_name = (await client.get("/tags?include_total=true")).json()
    commonest = (await client.get("/tags?sort=-count")).json()

    beard, men = {"name": "beard", "count": 1}, {"name": "men", "count": 2}
    assert by_name == {"items": [beard, men], "next_cursor": None, "total": 2}
    assert commonest["items"] == [men, beard]


@pytest.mark.parametrize(
    ("q", "found"),
    [("b", ["beard", "b_y"]), ("BE", ["beard"]), ("eard", []), ("b_", ["b_y"]), ("%", ["%"])],
)
async def test_tags_are_found_by_what_they_begin_with(client, connection, provider, q, found):
    await make_offering(connection, provider, tags=["beard", "men", "b_y", "%"])

    items = (await client.get("/tags", params={"q": q})).json()["items"]

    assert sorted(item["name"] for item in items) == sorted(found)


@pytest.mark.parametrize("sort", ["name", "-name", "count", "-count"])
async def test_each_sort_walks_every_tag_once(client, connection, provider, sort):
    tags = [f"tag {number}" for number in range(10)]
    for used in range(3):
        await make_offering(connection, provider, tags=tags[: 10 - 3 * used])

    found = await walk(client, "/tags", sort=sort)

    assert sorted(item["name"] for item in found) == tags
    assert found == (await client.get(f"/tags?sort={sort}")).json()["items"]


@pytest.mark.parametrize("query", ["q=", "sort=size", "limit=0", "colour=red", f"q={'x' * 41}"])
async def test_what_is_not_understood_is_refused(client, query):
    assert (await client.get(f"/tags?{query}")).status_code == 422
