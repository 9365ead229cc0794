"""Services over HTTP: making, changing, staffing and deleting them, and who may."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.statements import Command
from app.domain.offerings import OfferingStatus, PaymentTerms
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.models import Bookings
from app.repositories.offerings import OfferingRepository
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_category, make_offering, make_provider
from tests.factories.clock import NOW, at

NOBODY = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
EUROS = {"amount": 4500, "currency": "EUR"}
NOTHING = {"amount": 0, "currency": "EUR"}
HAIRCUT = {"name": "Haircut", "duration_minutes": 45, "price": EUROS}


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, name="Vera")


@pytest.fixture
async def me(connection, adapters, provider):
    """The headers of the provider."""
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def admin(connection, adapters):
    return await sign_in(connection, adapters, Role.ADMIN)


async def test_a_service_is_made_with_sensible_terms_and_performed_by_its_maker(
    client, me, provider
):
    made = await client.post("/services", json=HAIRCUT, headers=me)

    service = made.json()
    assert made.status_code == 201
    assert made.headers["Location"] == f"/api/v1/services/{service['id']}"
    assert service == {
        "id": service["id"],
        "name": "Haircut",
        "description": None,
        "category": None,
        "category_id": None,
        "tags": [],
        "duration_minutes": 45,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "price": EUROS,
        "slot_step_minutes": 30,
        "min_notice_minutes": 60,
        "max_horizon_days": 60,
        "approval_required": False,
        "payment": "on_site",
        "cancellation_policy": {
            "free_until_minutes": 0,
            "late_fee_percent": 0,
            "no_show_fee": None,
        },
        "reminder_minutes": [1440, 120],
        "deposit": None,
        "capture": "automatic",
        "status": "active",
        "rating": {"average": 0.0, "count": 0},
        "owner_id": str(provider.user_id),
        "created_at": "2030-03-01T12:00:00Z",
        "updated_at": "2030-03-01T12:00:00Z",
        "providers": [
            {
                "provider_id": str(provider.id),
                "name": "Vera",
                "price": EUROS,
                "duration_minutes": 45,
            }
        ],
    }
    assert (await client.get(f"/services/{service['id']}")).json() == service
    listed = (await client.get("/services")).json()["items"]
    assert listed == [{name: service[name] for name in service if name != "providers"}]


async def test_every_term_of_a_service_can_be_given(client, connection, me):
    category = await make_category(connection, name="Hair", slug="hair")
    body = {
        "name": "Fade",
        "description": "Short\nsides.",
        "category_id": str(category.id),
        "tags": ["Men", "beard", "men", " BEARD "],
        "duration_minutes": 20,
        "buffer_before_minutes": 5,
        "buffer_after_minutes": 10,
        "price": {"amount": 9900, "currency": "JPY"},
        "slot_step_minutes": 15,
        "min_notice_minutes": 0,
        "max_horizon_days": 365,
        "approval_required": True,
        "payment": "prepaid",
        "cancellation_policy": {
            "free_until_minutes": 1440,
            "late_fee_percent": 50,
            "no_show_fee": None,
        },
        "status": "draft",
    }

    made = await client.post("/services", json=body, headers=me)

    expected = {
        **body,
        "tags": ["men", "beard"],
        "category": {"id": str(category.id), "name": "Hair", "slug": "hair"},
    }
    assert made.status_code == 201
    assert {name: made.json()[name] for name in expected} == expected


async def test_what_an_administrator_makes_is_performed_by_nobody_yet(client, admin):
    made = await client.post("/services", json={**HAIRCUT, "duration_minutes": 10}, headers=admin)

    assert made.status_code == 201
    assert made.json()["providers"] == []
    assert made.json()["slot_step_minutes"] == 10


async def test_the_same_key_makes_a_service_once(client, me):
    headers = {**me, "Idempotency-Key": "one"}

    first = await client.post("/services", json=HAIRCUT, headers=headers)
    again = await client.post("/services", json=HAIRCUT, headers=headers)
    other = await client.post("/services", json={**HAIRCUT, "name": "Fade"}, headers=headers)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.json(), again.headers["Location"]) == (first.json(), first.headers["Location"])
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len((await client.get("/services")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "#/name"),
        ({"name": None}, "#/name"),
        ({"name": "x" * 151}, "#/name"),
        ({"name": "a\u0000b"}, "#/name"),
        ({"description": "x" * 5001}, "#/description"),
        ({"category_id": "hair"}, "#/category_id"),
        ({"category_id": NOBODY}, "#/category_id"),
        ({"tags": None}, "#/tags"),
        ({"tags": "beard"}, "#/tags"),
        ({"tags": [""]}, "#/tags/0"),
        ({"tags": ["ok", "x" * 41]}, "#/tags/1"),
        ({"tags": [str(number) for number in range(21)]}, "#/tags"),
        ({"duration_minutes": 0}, "#/duration_minutes"),
        ({"duration_minutes": 1441}, "#/duration_minutes"),
        ({"duration_minutes": 45.5}, "#/duration_minutes"),
        ({"duration_minutes": "45"}, "#/duration_minutes"),
        ({"duration_minutes": None}, "#/duration_minutes"),
        ({"buffer_before_minutes": -1}, "#/buffer_before_minutes"),
        ({"buffer_after_minutes": 481}, "#/buffer_after_minutes"),
        ({"price": 45}, "#/price"),
        ({"price": None}, "#/price"),
        ({"price": {"amount": 45.5, "currency": "EUR"}}, "#/price/amount"),
        ({"price": {"amount": -1, "currency": "EUR"}}, "#/price/amount"),
        ({"price": {"amount": 10**12 + 1, "currency": "EUR"}}, "#/price/amount"),
        ({"price": {"amount": 1, "currency": "EURO"}}, "#/price/currency"),
        ({"price": {"amount": 1, "currency": "XQZ"}}, "#/price/currency"),
        ({"price": EUROS, "payment": "free"}, "#/price"),
        ({"price": NOTHING, "payment": "on_site"}, "#/price"),
        ({"price": NOTHING, "payment": "prepaid"}, "#/price"),
        ({"slot_step_minutes": 0}, "#/slot_step_minutes"),
        ({"slot_step_minutes": None}, "#/slot_step_minutes"),
        ({"min_notice_minutes": 525_601}, "#/min_notice_minutes"),
        ({"max_horizon_days": 0}, "#/max_horizon_days"),
        ({"max_horizon_days": 731}, "#/max_horizon_days"),
        ({"approval_required": "yes"}, "#/approval_required"),
        ({"payment": "barter"}, "#/payment"),
        ({"payment": None}, "#/payment"),
        ({"cancellation_policy": None}, "#/cancellation_policy"),
        (
            {"cancellation_policy": {"free_until_minutes": 0}},
            "#/cancellation_policy/late_fee_percent",
        ),
        (
            {"cancellation_policy": {"free_until_minutes": 0, "late_fee_percent": 101}},
            "#/cancellation_policy/late_fee_percent",
        ),
        ({"status": "sold"}, "#/status"),
        ({"status": None}, "#/status"),
        ({"owner_id": NOBODY}, "#/owner_id"),
        ({"duration": 45}, "#/duration"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_service_is_pointed_at(
    client, connection, me, provider, body, pointer
):
    offering = await make_offering(connection, provider)

    made = await client.post("/services", json={**HAIRCUT, **body}, headers=me)
    changed = await client.patch(f"/services/{offering.id}", json=body, headers=me)

    for answer in (made, changed):
        assert answer.status_code == 422, answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_what_costs_nothing_is_free_without_saying_so(client, me):
    made = await client.post("/services", json={**HAIRCUT, "price": NOTHING}, headers=me)

    assert (made.status_code, made.json()["payment"]) == (201, "free")


async def test_who_is_neither_provider_nor_administrator_makes_no_service(
    client, connection, adapters
):
    pending = await make_provider(connection, status=ProviderStatus.PENDING)
    demoted = await make_user(connection, Role.CUSTOMER)
    await make_provider(connection, user_id=demoted.id)
    visitors = [
        await sign_in(connection, adapters, Role.CUSTOMER),
        await sign_in(connection, adapters, Role.MANAGEMENT),
        await sign_in(connection, adapters, Role.PROVIDER),
        await sign_in(connection, adapters, user_id=pending.user_id),
        await sign_in(connection, adapters, user_id=demoted.id),
    ]

    answers = [await client.post("/services", json=HAIRCUT, headers=who) for who in visitors]

    assert [answer.json()["code"] for answer in answers] == ["forbidden"] * 5
    assert (await client.post("/services", json=HAIRCUT)).status_code == 401


async def test_a_service_is_changed_in_what_is_named_and_nothing_else(
    client, connection, clock, me, provider
):
    category = await make_category(connection, slug="hair", name="Hair")
    offering = await make_offering(
        connection, provider, category_id=category.id, description="Cut.", tags=["men"]
    )
    path = f"/services/{offering.id}"
    before = (await client.get(path)).json()
    clock.forward(minutes=5)

    changed = await client.patch(
        path,
        json={"name": "Fade", "price": {"amount": 1, "currency": "USD"}, "category_id": None},
        headers=me,
    )

    assert changed.status_code == 200
    assert changed.json() == {
        **before,
        "name": "Fade",
        "price": {"amount": 1, "currency": "USD"},
        "providers": [{**before["providers"][0], "price": {"amount": 1, "currency": "USD"}}],
        "category": None,
        "category_id": None,
        "updated_at": "2030-03-01T12:05:00Z",
    }
    assert (await client.get(path)).headers["ETag"] == changed.headers["ETag"]


async def test_a_change_to_what_it_already_is_changes_nothing(client, connection, clock, admin):
    offering = await make_offering(connection)
    path = f"/services/{offering.id}"
    tag = (await client.get(path)).headers["ETag"]
    clock.forward(minutes=5)

    nothing = await client.patch(path, json={}, headers=admin)
    same = await client.patch(path, json={"name": "Haircut", "description": None}, headers=admin)

    assert (nothing.headers["ETag"], same.headers["ETag"]) == (tag, tag)


async def test_a_stale_change_is_a_412_and_an_unchanged_service_a_304(
    client, connection, me, provider
):
    offering = await make_offering(connection, provider)
    path, named = f"/services/{offering.id}", {"providers": []}
    tag = (await client.get(path)).headers["ETag"]
    stale = {**me, "If-Match": tag}

    same = await client.get(path, headers={"If-None-Match": f'"x", {tag}'})
    first = await client.patch(path, json={"name": "A"}, headers=stale)
    answers = [
        await client.patch(path, json={"name": "B"}, headers=stale),
        await client.put(f"{path}/providers", json=named, headers=stale),
        await client.delete(path, headers=stale),
    ]
    other = await client.get(path, headers={"If-None-Match": tag})
    last = await client.delete(path, headers={**me, "If-Match": first.headers["ETag"]})

    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert [answer.json()["code"] for answer in answers] == ["precondition-failed"] * 3
    assert (other.status_code, other.json()["name"]) == (200, "A")
    assert last.status_code == 204


async def test_another_providers_service_is_seen_and_not_touched(client, connection, me):
    offering = await make_offering(connection)
    path = f"/services/{offering.id}"

    answers = [
        await client.patch(path, json={"name": "Mine"}, headers=me),
        await client.put(f"{path}/providers", json={"providers": []}, headers=me),
        await client.delete(path, headers=me),
    ]

    assert (await client.get(path, headers=me)).status_code == 200
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "forbidden")
    ] * 3


@pytest.mark.parametrize("status", [OfferingStatus.DRAFT, OfferingStatus.ARCHIVED])
async def test_what_is_not_active_is_not_there_for_strangers(
    client, connection, adapters, me, provider, admin, status
):
    offering = await make_offering(connection, provider, status=status)
    stranger = await sign_in(connection, adapters, Role.PROVIDER)
    path = f"/services/{offering.id}"

    hidden = [
        await client.get(path),
        await client.get(path, headers=stranger),
        await client.patch(path, json={"name": "Mine"}, headers=stranger),
        await client.put(f"{path}/providers", json={"providers": []}, headers=stranger),
        await client.delete(path, headers=stranger),
    ]
    never = await client.get(f"/services/{new_id()}")

    assert [answer.json()["code"] for answer in hidden] == ["service-not-found"] * 5
    assert never.json()["code"] == "service-not-found"
    assert (await client.get(path, headers=me)).status_code == 200
    assert (await client.get(path, headers=admin)).status_code == 200


async def test_lists_show_what_the_item_shows(client, connection, adapters, me, provider, admin):
    mine = {
        status: await make_offering(connection, provider, status=status)
        for status in OfferingStatus
    }
    theirs = {status: await make_offering(connection, status=status) for status in OfferingStatus}
    active = {str(mine["active"].id), str(theirs["active"].id)}
    drafts = {str(mine["draft"].id), str(theirs["draft"].id)}
    own = {str(offering.id) for offering in mine.values()}
    stranger = await sign_in(connection, adapters)

    async def listed(query: str, headers: Any = None) -> set[str]:
        answer = await client.get(f"/services?{query}", headers=headers)
        return {item["id"] for item in answer.json()["items"]}

    assert await listed("") == await listed("status=active") == active
    assert await listed("", me) == await listed("", stranger) == active
    assert await listed("mine=true", me) == own
    assert await listed("status=draft", me) == {str(mine["draft"].id)}
    assert await listed("mine=true&status=archived", me) == {str(mine["archived"].id)}
    assert await listed("status=draft", stranger) == await listed("mine=true", stranger) == set()
    assert await listed("status=draft", admin) == drafts
    assert len(await listed("", admin)) == 6
    for query in ("mine=true", "status=draft", "status=archived"):
        assert (await client.get(f"/services?{query}")).status_code == 401


async def test_a_service_that_was_booked_is_not_deleted(client, connection, me, provider):
    booked = await make_offering(connection, provider)
    unbooked = await make_offering(connection, provider)
    customer = await make_user(connection)
    row = {
        "id": new_id(), "kind": "appointment", "status": "cancelled", "title": "Haircut",
        "customer_id": customer.id, "service_id": booked.id, "provider_id": provider.id,
        "timezone": "UTC", "starts_at": NOW, "starts_local": "2030-03-01T12:00:00",
        "ends_at": at(60), "blocked_from": NOW,
        "blocked_until": at(60), "seats": 1, "price_amount": 1, "price_currency": "EUR",
        "payment_status": "unpaid", "free_until_minutes": 0, "late_fee_percent": 0,
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    await connection.run(Command(insert(Bookings).values(row)))

    kept = await client.delete(f"/services/{booked.id}", headers=me)
    gone = await client.delete(f"/services/{unbooked.id}", headers=me)

    assert (kept.status_code, kept.json()["code"]) == (409, "has-bookings")
    assert kept.json()["detail"] == "It was booked before; archive it instead."
    assert gone.status_code == 204
    assert (await client.get(f"/services/{unbooked.id}")).status_code == 404


async def test_an_administrator_says_who_performs_a_service(
    client, connection, clock, admin, provider
):
    old = await make_provider(connection, name="Old")
    other = await make_provider(connection, name="Zoe")
    hidden = await make_provider(connection, name="Ann", status=ProviderStatus.PENDING)
    offering = await make_offering(connection, old)
    path = f"/services/{offering.id}"
    own = {"price": {"amount": 6000, "currency": "EUR"}, "duration_minutes": 90}
    named = [
        {"provider_id": str(other.id), **own},
        {"provider_id": str(provider.id)},
        {"provider_id": str(hidden.id)},
    ]
    clock.forward(minutes=1)

    answer = await client.put(f"{path}/providers", json={"providers": named}, headers=admin)

    assert answer.status_code == 200
    assert answer.json()["updated_at"] == "2030-03-01T12:01:00Z"
    assert answer.json()["providers"] == [
        {"provider_id": str(provider.id), "name": "Vera", "price": EUROS, "duration_minutes": 60},
        {"provider_id": str(other.id), "name": "Zoe", **own},
    ]
    assert (await client.get(path)).json() == answer.json()
    again = {"providers": [{"provider_id": str(other.id)}]}
    changed = await client.put(f"{path}/providers", json=again, headers=admin)
    assert [(one["name"], one["price"]) for one in changed.json()["providers"]] == [("Zoe", EUROS)]


async def test_a_provider_puts_themselves_alone_on_their_service(client, connection, me, provider):
    other = await make_provider(connection, name="Zoe")
    offering = await make_offering(connection, provider, other)
    path = f"/services/{offering.id}/providers"
    dearer = {"provider_id": str(provider.id), "price": {"amount": 9000, "currency": "EUR"}}

    priced = await client.put(path, json={"providers": [dearer]}, headers=me)
    gone = await client.put(path, json={"providers": []}, headers=me)
    refused = await client.put(
        path, json={"providers": [dearer, {"provider_id": str(other.id)}]}, headers=me
    )

    amounts = {one["name"]: one["price"]["amount"] for one in priced.json()["providers"]}
    assert amounts == {"Vera": 9000, "Zoe": 4500}
    assert [one["name"] for one in gone.json()["providers"]] == ["Zoe"]
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"provider_id": NOBODY}, "#/providers/1/provider_id", "unknown-provider"),
        ({"provider_id": "first"}, "#/providers/1/provider_id", "provider-twice"),
        ({"provider_id": "x"}, "#/providers/1/provider_id", "value-error"),
        (
            {"price": {"amount": 1, "currency": "USD"}},
            "#/providers/1/price/currency",
            "currency-mismatch",
        ),
        ({"price": NOTHING}, "#/providers/1/price/amount", "price-contradicts-payment"),
        ({"duration_minutes": 0}, "#/providers/1/duration_minutes", "greater-than-equal"),
        ({"rank": 1}, "#/providers/1/rank", "extra-forbidden"),
    ],
)
async def test_what_is_wrong_with_a_named_provider_is_pointed_at(
    client, connection, admin, provider, changes, pointer, code
):
    other = await make_provider(connection)
    offering = await make_offering(connection, provider)
    first = {"provider_id": str(provider.id)}
    second = {"provider_id": str(other.id), **changes}
    if second["provider_id"] == "first":
        second = first

    answer = await client.put(
        f"/services/{offering.id}/providers", json={"providers": [first, second]}, headers=admin
    )

    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
        (pointer, code)
    ]


async def test_an_own_price_never_becomes_money_of_another_kind(client, connection, me, provider):
    offering = await make_offering(connection, provider)
    path = f"/services/{offering.id}"
    own = {"provider_id": str(provider.id), "price": {"amount": 9000, "currency": "EUR"}}
    await client.put(f"{path}/providers", json={"providers": [own]}, headers=me)
    dollars = {"price": {"amount": 5000, "currency": "USD"}}
    free = {"price": NOTHING, "payment": "free"}

    refused = [await client.patch(path, json=body, headers=me) for body in (dollars, free)]
    dearer = await client.patch(
        path, json={"price": {"amount": 5000, "currency": "EUR"}}, headers=me
    )
    without = {"providers": [{"provider_id": str(provider.id)}]}
    await client.put(f"{path}/providers", json=without, headers=me)
    changed = await client.patch(path, json=dollars, headers=me)

    assert [(one.status_code, one.json()["code"]) for one in refused] == [
        (409, "own-prices-stand")
    ] * 2
    assert dearer.status_code == 200
    assert changed.json()["providers"][0]["price"] == dollars["price"]


async def test_on_a_free_service_nobody_asks_for_money(client, connection, admin, provider):
    offering = await make_offering(connection, provider, price_amount=0, payment=PaymentTerms.FREE)
    path = f"/services/{offering.id}"

    def asking(amount: int) -> dict[str, Any]:
        price = {"amount": amount, "currency": "EUR"}
        return {"providers": [{"provider_id": str(provider.id), "price": price}]}

    refused = await client.put(f"{path}/providers", json=asking(1), headers=admin)
    put = await client.put(f"{path}/providers", json=asking(0), headers=admin)
    paid = await client.patch(path, json={"price": EUROS, "payment": "on_site"}, headers=admin)

    assert refused.json()["code"] == "price-contradicts-payment"
    assert put.status_code == 200
    assert paid.json()["providers"][0]["price"] == EUROS


async def change_at_once(doors, database, adapters) -> list[int]:
    """Let two change a service at once, both having seen the same version of it."""
    async with database.read() as connection:
        offering = await make_offering(connection)
        admin = await sign_in(connection, adapters, Role.ADMIN)
    path = f"/services/{offering.id}"
    async with client_of(doors) as client:
        seen = {**admin, "If-Match": (await client.get(path)).headers["ETag"]}
        answers = await asyncio.gather(
            client.patch(path, json={"name": "One"}, headers=seen),
            client.patch(path, json={"name": "Other"}, headers=seen),
        )
    return sorted(answer.status_code for answer in answers)


async def test_of_two_who_saw_the_same_version_one_changes_it(real_doors, real_database, adapters):
    assert await change_at_once(real_doors, real_database, adapters) == [200, 412]


async def test_both_would_if_the_service_were_not_locked(
    real_doors, real_database, adapters, monkeypatch
):
    both_have_looked = asyncio.Barrier(2)

    async def look_and_wait(self, offering_id):
        found = await self.item(offering_id)
        await both_have_looked.wait()
        return found

    monkeypatch.setattr(OfferingRepository, "lock", look_and_wait)

    assert await change_at_once(real_doors, real_database, adapters) == [200, 200]
