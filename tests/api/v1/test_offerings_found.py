"""Finding services: words, filters, sorts, pages."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.bootstrap import Doors
from app.domain.roles import Role
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_category, make_offering, make_provider
from tests.factories.clock import NOW
from tests.factories.walks import walk

SORTS = {
    "name": lambda item: item["name"],
    "price": lambda item: item["price"]["amount"],
    "rating": lambda item: item["rating"]["average"],
    "created_at": lambda item: item["created_at"],
}


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


async def names(client, query: str = "", **params: Any) -> list[str]:
    answer = await client.get(f"/services?{query}", params=params or None)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


@pytest.fixture
async def salon(connection, provider):
    """Some services with words to look for."""
    for name, description in (
        ("Haircut", "Wash, cut and blow-dry."),
        ("Beard trim", "With a hot towel; goes well with a haircut."),
        ("Swedish massage", "Fifty minutes of peace."),
        ("Manicure", None),
        ("Мужская стрижка", "Машинкой или ножницами."),
        ("100% Keratin", "Silk_smooth back\\slash"),
    ):
        await make_offering(connection, provider, name=name, description=description)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("haircut", ["Haircut", "Beard trim"]),
        ("hiarcut", ["Haircut", "Beard trim"]),
        ("HAIRCUTT", ["Haircut", "Beard trim"]),
        ("cut", ["Haircut", "Beard trim"]),
        ("swedsh masage", ["Swedish massage"]),
        ("manicur", ["Manicure"]),
        ("стришка", ["Мужская стрижка"]),
        ("СТРИЖКА", ["Мужская стрижка"]),
        ("hot towel", ["Beard trim"]),
        ("tattoo", []),
        ("%", ["100% Keratin"]),
        ("_", ["100% Keratin"]),
        ("\\", ["100% Keratin"]),
        ("100%", ["100% Keratin"]),
        ("' OR 1=1 --", []),
    ],
)
async def test_words_find_services_best_match_first_though_misspelled(client, salon, q, found):
    assert await names(client, q=q) == found


async def test_a_search_can_be_sorted_otherwise_and_filtered(client, connection, provider):
    for name, price in (("Haircut", 3), ("Haircut deluxe", 1), ("Kids haircut", 2)):
        await make_offering(connection, provider, name=name, price_amount=price)

    assert await names(client, q="haircut", sort="price") == [
        "Haircut deluxe",
        "Kids haircut",
        "Haircut",
    ]
    assert await names(client, q="haircut", sort="relevance", price_min=2) == [
        "Haircut",
        "Kids haircut",
    ]


async def test_a_category_holds_what_is_in_those_below_it(client, connection, provider):
    body = await make_category(connection, slug="body")
    hair = await make_category(connection, slug="hair", parent_id=body.id)
    beard = await make_category(connection, slug="beard", parent_id=hair.id)
    nails = await make_category(connection, slug="nails")
    for name, category in (("A", body), ("B", hair), ("C", beard), ("D", nails)):
        await make_offering(connection, provider, name=name, category_id=category.id)
    await make_offering(connection, provider, name="E")

    for given, found in (
        (body, ["A", "B", "C"]),
        (hair, ["B", "C"]),
        (beard, ["C"]),
        (nails, ["D"]),
    ):
        assert await names(client, category=given.slug) == found
        assert await names(client, category=given.id) == found
    assert await names(client, category="tattoos") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tag=men", ["A", "B"]),
        ("tag=MEN", ["A", "B"]),
        ("tag=me", []),
        ("price_min=2000", ["B", "C"]),
        ("price_max=2000", ["A", "B"]),
        ("price_min=1500&price_max=2500", ["B"]),
        ("currency=USD", ["C"]),
        ("rating_min=4", ["B", "C"]),
        ("rating_min=4.75", ["C"]),
        ("tag=men&rating_min=4&currency=EUR", ["B"]),
        ("price_min=5&price_max=4", []),
    ],
)
async def test_a_list_is_filtered(client, connection, provider, query, found):
    for name, tags, price, currency, rating in (
        ("A", ["men"], 1000, "EUR", 3.0),
        ("B", ["men", "beard"], 2000, "EUR", 4.5),
        ("C", ["kids"], 3000, "USD", 5.0),
    ):
        await make_offering(
            connection, provider, name=name, tags=tags, price_amount=price,
            price_currency=currency, rating_average=rating,
        )  # fmt: skip

    assert await names(client, query) == found


async def test_a_list_is_narrowed_to_who_performs(client, connection, provider):
    other = await make_provider(connection)
    await make_offering(connection, provider, name="A")
    await make_offering(connection, other, name="B")
    await make_offering(connection, provider, other, name="C")

    assert await names(client, provider_id=provider.id) == ["A", "C"]
    assert await names(client, provider_id=other.id) == ["B", "C"]


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("sort", list(SORTS))
async def test_each_sort_walks_every_service_once_while_others_are_added(
    client, connection, provider, sort, direction
):
    async def add(number: int) -> str:
        made = await make_offering(
            connection,
            provider,
            name=f"Name {number % 4}",
            price_amount=number % 3,
            rating_average=(number % 5) / 2,
            created_at=NOW + timedelta(seconds=number % 2),
        )
        return str(made.id)

    before = {await add(number) for number in range(11)}
    numbers = iter(range(11, 99))

    found = await walk(
        client,
        "/services",
        sort=f"{direction}{sort}",
        between=lambda: add(next(numbers)),
    )

    ids = [item["id"] for item in found]
    assert len(ids) == len(set(ids))
    assert before <= set(ids)
    keys = [SORTS[sort](item) for item in found]
    assert keys == sorted(keys, reverse=bool(direction))


async def test_a_search_walks_every_match_once_in_the_order_of_one_long_page(
    client, connection, provider
):
    for number in range(10):
        name = f"Haircut {'and beard trim ' * (number % 3)}".strip()
        await make_offering(connection, provider, name=name, description="Cut." * (number % 2))

    found = await walk(client, "/services", q="hiarcut")

    whole = (await client.get("/services", params={"q": "hiarcut"})).json()["items"]
    assert found == whole
    assert len(found) == 10
    assert [item["name"] for item in found[:4]] == ["Haircut"] * 4


async def test_the_total_counts_all_that_match(client, connection, provider):
    for number in range(5):
        await make_offering(connection, provider, name="Haircut", price_amount=number)

    page = (await client.get("/services?limit=2&include_total=true")).json()
    some = (await client.get("/services?q=haircut&price_min=2&include_total=true")).json()

    assert (len(page["items"]), page["total"], some["total"]) == (2, 5, 3)


async def test_a_cursor_of_another_list_is_a_400(client, connection, adapters, provider):
    for number in range(3):
        await make_offering(connection, provider, name=f"Haircut {number}", tags=["men"])
    cursor = (await client.get("/services?limit=1")).json()["next_cursor"]
    admin = await sign_in(connection, adapters, Role.ADMIN)

    good = await client.get(f"/services?limit=2&cursor={cursor}")
    bad = [
        await client.get(f"/services?sort=-name&cursor={cursor}"),
        await client.get(f"/services?sort=price&cursor={cursor}"),
        await client.get(f"/services?tag=men&cursor={cursor}"),
        await client.get(f"/services?q=haircut&cursor={cursor}"),
        await client.get(f"/services?cursor={cursor}", headers=admin),
        await client.get(f"/providers?cursor={cursor}"),
        await client.get(f"/categories?cursor={cursor}"),
        await client.get(f"/tags?cursor={cursor}"),
        await client.get("/services?cursor=nonsense"),
    ]

    assert [item["name"] for item in good.json()["items"]] == ["Haircut 1", "Haircut 2"]
    assert {(answer.status_code, answer.json()["code"]) for answer in bad} == {
        (400, "invalid-cursor")
    }


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("q=", "#/q"),
        (f"q={'x' * 101}", "#/q"),
        ("sort=colour", "#/sort"),
        ("sort=relevance", "#/sort"),
        ("sort=-relevance&q=x", "#/sort"),
        ("limit=0", "#/limit"),
        ("limit=101", "#/limit"),
        ("price_min=-1", "#/price_min"),
        ("price_max=9223372036854775808", "#/price_max"),
        ("price_min=4.5", "#/price_min"),
        ("currency=EURO", "#/currency"),
        ("rating_min=6", "#/rating_min"),
        ("rating_min=nan", "#/rating_min"),
        ("rating_min=inf", "#/rating_min"),
        ("provider_id=1", "#/provider_id"),
        ("category=", "#/category"),
        ("tag=", "#/tag"),
        ("status=sold", "#/status"),
        ("mine=perhaps", "#/mine"),
        ("owner_id=0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e", "#/owner_id"),
    ],
)
async def test_a_list_refuses_what_it_does_not_understand(client, query, pointer):
    answer = await client.get(f"/services?{query}")

    assert (answer.status_code, answer.json()["code"]) == (422, "validation-failed")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("query", ["q=%00", "q=%ff", "q=%ed%a0%80", "q=a&q=b"])
async def test_a_query_that_cannot_be_read_is_a_400(client, query):
    answer = await client.get(f"/services?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-query")


@pytest.mark.parametrize(
    "path", ["/services", "/services?q=hair&category=hair", "/providers", "/categories", "/tags"]
)
async def test_a_public_list_is_one_statement_and_asks_for_no_session(
    client, doors: Doors, connection, adapters, path
):
    for _ in range(3):
        await make_offering(connection, tags=["men"])
    me = await sign_in(connection, adapters)
    raw = await doors.database._pool.acquire()
    asked: list[str] = []

    def note(record: Any) -> None:
        asked.append(record.query)

    with raw.query_logger(note):
        assert (await client.get(path)).status_code == 200
        await asyncio.sleep(0)  # asyncpg notes it a turn later
        public = list(asked)
        await client.get(path, headers=me)
        await asyncio.sleep(0)

    assert len(public) == 1
    assert "sessions" not in public[0]
    if path.startswith(("/services", "/providers")):
        assert sum("sessions" in query for query in asked) == 1
