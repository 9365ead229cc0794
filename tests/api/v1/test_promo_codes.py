"""Promo codes as those keep them who sell."""

import pytest

from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW
from tests.factories.events import make_event
from tests.factories.promo_codes import make_code

SPRING = {"code": "Spring-20", "kind": "percent", "value": 20}
TEN = {"amount": 1000, "currency": "EUR"}
TENNER = {"code": "TENNER", "kind": "fixed", "value": TEN}


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def me(connection, adapters, organizer):
    return await sign_in(connection, adapters, user_id=organizer.id)


@pytest.fixture
async def admin(connection, adapters):
    return await sign_in(connection, adapters, Role.ADMIN)


@pytest.fixture
async def event(connection, organizer):
    return await make_event(connection, organizer.id, now=NOW)


@pytest.fixture
def post(client, me):
    async def send(body, headers=None):
        return await client.post("/promo-codes", json=body, headers=headers or me)

    return send


async def test_a_code_is_made_shown_and_listed(client, post, me, organizer):
    answer = await post(SPRING | {"max_uses": 5, "min_total": TEN})

    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert (made["code"], made["value"], made["uses"]) == ("SPRING-20", 20, 0)
    assert (made["owner_id"], made["min_total"]) == (str(organizer.id), TEN)
    found = await client.get(answer.headers["Location"].removeprefix("/api/v1"), headers=me)
    assert found.json() == made
    listed = await client.get("/promo-codes", headers=me)
    assert listed.json()["items"] == [made]


async def test_an_amount_is_money(post):
    assert (await post(TENNER)).json()["value"] == TEN


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"value": TEN}, "#/value"),
        ({"kind": "fixed"}, "#/value"),
        ({"kind": "fixed", "value": TEN | {"amount": 0}}, "#/value"),
        (TENNER | {"min_total": {"amount": 1, "currency": "USD"}}, "#/min_total"),
        ({"code": "a b c"}, "#/code"),
        ({"starts_at": "2030-04-02T10:00:00Z", "ends_at": "2030-04-02T10:00:00Z"}, "#/ends_at"),
        ({"event_id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"}, "#/event_id"),
        ({"service_id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"}, "#/service_id"),
        ({"ticket_type_ids": ["0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"]}, "#/event_id"),
        ({"uses": 3}, "#/uses"),
        ({"owner_id": None}, "#/owner_id"),
    ],
)
async def test_what_makes_no_sense_is_refused(post, wrong, pointer):
    refused = await post(SPRING | wrong)

    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"].startswith(pointer)


async def test_the_same_letters_are_anybodys_but_ones_own_once(connection, adapters, post):
    other = await sign_in(connection, adapters, Role.ORGANIZER)

    answers = [await post(SPRING), await post(SPRING | {"code": "sPRING-20"})]

    assert [one.status_code for one in answers] == [201, 409]
    assert answers[1].json()["code"] == "promo-code-taken"
    assert (await post(SPRING, other)).status_code == 201


async def test_for_what_others_sell_there_is_none(connection, adapters, post, event):
    other = await sign_in(connection, adapters, Role.ORGANIZER)
    offering = await make_offering(connection, await make_provider(connection))

    refused = [
        await post(SPRING | {"event_id": str(event[0].id)}, other),
        await post(SPRING | {"service_id": str(offering.id)}, other),
    ]

    assert [one.status_code for one in refused] == [422, 422]


async def test_for_types_of_another_event_neither(connection, post, event, organizer):
    _, (foreign,) = await make_event(connection, organizer.id, now=NOW)

    refused = await post(
        SPRING | {"event_id": str(event[0].id), "ticket_type_ids": [str(foreign.id)]}
    )

    assert refused.json()["errors"][0]["pointer"] == "#/ticket_type_ids"


async def test_a_provider_has_codes_for_what_they_perform(connection, adapters, post):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    seller = await sign_in(connection, adapters, user_id=provider.user_id)

    made = await post(SPRING | {"service_id": str(offering.id)}, seller)

    assert (made.status_code, made.json()["owner_id"]) == (201, str(provider.user_id))


async def test_an_administrator_makes_them_for_everything_or_for_an_event(
    post, admin, event, organizer
):
    whole = await post(SPRING, admin)
    of_event = await post(SPRING | {"event_id": str(event[0].id)}, admin)

    assert whole.json()["owner_id"] is None
    assert of_event.json()["owner_id"] == str(organizer.id)


async def test_others_neither_see_nor_change_them(client, connection, adapters, post):
    made = (await post(SPRING)).json()
    other = await sign_in(connection, adapters, Role.ORGANIZER)
    path = f"/promo-codes/{made['id']}"

    assert (await client.get(path, headers=other)).status_code == 404
    changed = await client.patch(path, json={"is_active": False}, headers=other)
    assert changed.status_code == 404
    assert (await client.get("/promo-codes", headers=other)).json()["items"] == []


async def test_limits_are_changed_and_what_it_takes_off_is_not(client, post, me):
    made = (await post(SPRING)).json()
    path = f"/promo-codes/{made['id']}"

    changed = await client.patch(
        path, json={"max_uses": 3, "is_active": False, "returns_use": False}, headers=me
    )
    value = await client.patch(path, json={"value": 90}, headers=me)

    assert changed.status_code == 200, changed.text
    told = changed.json()
    assert (told["max_uses"], told["is_active"], told["returns_use"]) == (3, False, False)
    assert value.status_code == 422


async def test_it_can_not_be_used_less_often_than_it_was(client, connection, me, organizer):
    code = await make_code(connection, owner_id=organizer.id, uses=4)

    refused = await client.patch(f"/promo-codes/{code.id}", json={"max_uses": 3}, headers=me)

    assert (refused.status_code, refused.json()["code"]) == (409, "used-more-often")


async def test_a_stale_change_is_refused(client, post, me):
    made = (await post(SPRING)).json()
    stale = me | {"If-Match": '"stale"'}

    refused = await client.patch(f"/promo-codes/{made['id']}", json={"max_uses": 3}, headers=stale)

    assert refused.status_code == 412
