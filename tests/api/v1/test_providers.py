"""Those who perform services, over HTTP."""

from typing import Any

import pytest
from sqlalchemy import bindparam, update

from app.core.ids import new_id
from app.core.statements import Command
from app.domain.offerings import OfferingStatus
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.models import ProviderOfferings
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_category, make_offering, make_provider
from tests.factories.walks import walk

OWN_TERMS = Command(
    update(ProviderOfferings)
    .where(ProviderOfferings.offering_id == bindparam("of"))
    .values(price_amount=6000, duration_minutes=90)
)


async def names(client, query: str = "", headers: Any = None, **params: Any) -> list[str]:
    answer = await client.get(f"/providers?{query}", params=params or None, headers=headers)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


async def test_a_provider_is_shown_with_what_they_can_be_booked_for(client, connection):
    provider = await make_provider(
        connection, name="Vera", bio="Scissors.", timezone="Europe/Berlin", location="Berlin",
        rating_average=4.666, rating_count=3,
    )  # fmt: skip
    fade = await make_offering(connection, provider, name="Fade")
    cut = await make_offering(connection, provider, name="Cut")
    await make_offering(connection, provider, name="Draft", status=OfferingStatus.DRAFT)
    await connection.run(OWN_TERMS, of=fade.id)

    shown = await client.get(f"/providers/{provider.id}")

    assert shown.json() == {
        "id": str(provider.id),
        "user_id": str(provider.user_id),
        "name": "Vera",
        "bio": "Scissors.",
        "timezone": "Europe/Berlin",
        "location": "Berlin",
        "latitude": None,
        "longitude": None,
        "min_notice_minutes": None,
        "max_horizon_days": None,
        "slot_step_minutes": None,
        "max_per_day": None,
        "max_per_week": None,
        "rating": {"average": 4.67, "count": 3},
        "photo_url": None,
        "services": [
            {
                "id": str(cut.id),
                "name": "Cut",
                "price": {"amount": 4500, "currency": "EUR"},
                "duration_minutes": 60,
            },
            {
                "id": str(fade.id),
                "name": "Fade",
                "price": {"amount": 6000, "currency": "EUR"},
                "duration_minutes": 90,
            },
        ],
    }
    assert (await client.get("/providers")).json() == {
        "items": [shown.json()],
        "next_cursor": None,
    }


async def test_an_unchanged_provider_is_a_304(client, connection):
    provider = await make_provider(connection)
    path = f"/providers/{provider.id}"
    tag = (await client.get(path)).headers["ETag"]

    same = await client.get(path, headers={"If-None-Match": tag})
    await make_offering(connection, provider)
    other = await client.get(path, headers={"If-None-Match": tag})

    assert (same.status_code, other.status_code) == (304, 200)


@pytest.mark.parametrize("status", [ProviderStatus.PENDING, ProviderStatus.INACTIVE])
async def test_who_cannot_be_booked_is_hidden_from_strangers(client, connection, adapters, status):
    hidden = await make_provider(connection, name="Hidden", status=status)
    await make_provider(connection, name="Open")
    path = f"/providers/{hidden.id}"
    self = await sign_in(connection, adapters, user_id=hidden.user_id)
    stranger = await sign_in(connection, adapters, Role.PROVIDER)
    admin = await sign_in(connection, adapters, Role.ADMIN)

    answers = [await client.get(path, headers=who) for who in (None, stranger, self, admin)]
    never = await client.get(f"/providers/{new_id()}")

    assert [answer.status_code for answer in answers] == [404, 404, 200, 200]
    assert answers[0].json()["code"] == never.json()["code"] == "provider-not-found"
    assert await names(client) == await names(client, headers=stranger) == ["Open"]
    assert await names(client, headers=admin) == ["Hidden", "Open"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("vera", ["Vera Barber"]),
        ("barbr", ["Vera Barber", "Ivan"]),
        ("іван", ["Іван"]),
        ("%", []),
        ("nobody", []),
    ],
)
async def test_words_find_providers_though_misspelled(client, connection, q, found):
    await make_provider(connection, name="Vera Barber")
    await make_provider(connection, name="Ivan", bio="Barber since 1999.")
    await make_provider(connection, name="Іван")

    assert await names(client, q=q) == found


async def test_a_list_is_filtered(client, connection):
    body = await make_category(connection, slug="body")
    hair = await make_category(connection, slug="hair", parent_id=body.id)
    ann = await make_provider(connection, name="Ann", rating_average=4.5)
    bob = await make_provider(connection, name="Bob", rating_average=3.5)
    await make_provider(connection, name="Cid", rating_average=5.0)
    cut = await make_offering(connection, ann, bob, category_id=hair.id)
    await make_offering(connection, bob, category_id=body.id)
    old = await make_offering(connection, ann, status=OfferingStatus.ARCHIVED)

    assert await names(client, service_id=cut.id) == ["Ann", "Bob"]
    assert await names(client, service_id=old.id) == []
    assert await names(client, category="hair") == ["Ann", "Bob"]
    assert await names(client, category=body.id, rating_min=4) == ["Ann"]
    assert await names(client, rating_min=4.5) == ["Ann", "Cid"]
    assert await names(client, sort="-rating") == ["Cid", "Ann", "Bob"]
    assert await names(client, sort="-name") == ["Cid", "Bob", "Ann"]


@pytest.mark.parametrize("sort", ["name", "-name", "rating", "-rating"])
async def test_each_sort_walks_every_provider_once_while_others_are_added(client, connection, sort):
    async def add(number: int) -> str:
        rating = (number % 3) / 2
        made = await make_provider(connection, name=f"Name {number % 4}", rating_average=rating)
        return str(made.id)

    before = {await add(number) for number in range(8)}
    numbers = iter(range(8, 99))

    found = await walk(client, "/providers", sort=sort, between=lambda: add(next(numbers)))

    ids = [item["id"] for item in found]
    assert len(ids) == len(set(ids))
    assert before <= set(ids)


@pytest.mark.parametrize(
    "query", ["sort=relevance", "sort=price", "service_id=1", "rating_min=6", "near=1;2", "q="]
)
async def test_what_is_not_understood_is_refused(client, query):
    assert (await client.get(f"/providers?{query}")).status_code == 422
