"""Days on which the whole business is closed, over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.ids import new_id
from app.core.statements import Query
from app.domain.roles import Role
from app.models import AuditLog, Closures, Providers
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW
from tests.factories.hours import make_closure
from tests.factories.walks import walk

MONDAY = date(2030, 3, 4)
TUESDAY = MONDAY + timedelta(days=1)
KEPT = Query(select(Closures.first_day, Closures.last_day), lambda *row: row)
VERSIONS = Query(select(Providers.hours_version), int)
NOTED = Query(select(AuditLog.action, AuditLog.after), lambda *row: row)


def closed(first: Any = MONDAY, **more: Any) -> dict[str, Any]:
    return {"first_day": str(first), "name": "Stocktaking", **more}


@pytest.fixture
async def admin(connection, adapters):
    return await sign_in(connection, adapters, Role.ADMIN)


async def starts(client, offering, provider) -> list[str]:
    params = {"from": "2030-03-03", "to": "2030-03-06", "provider_id": provider.id}
    shown = await client.get(f"/services/{offering.id}/slots?timezone=UTC", params=params)
    return [slot["starts_at"][5:16] for slot in shown.json()["items"]]


async def test_a_day_is_closed_for_everybody_where_they_are(client, connection, admin):
    zones = ("Pacific/Kiritimati", "UTC", "America/Los_Angeles")  # UTC+14, UTC, UTC-8
    providers = [await make_provider(connection, timezone=zone) for zone in zones]
    offering = await make_offering(
        connection, *providers, slot_step_minutes=720, duration_minutes=720
    )
    before = [await starts(client, offering, provider) for provider in providers]

    made = await client.post("/closures", json=closed(), headers=admin)

    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        **closed(last_day=str(MONDAY)),
        "created_at": "2030-03-01T12:00:00Z",
    }
    after = [await starts(client, offering, provider) for provider in providers]
    gone = [sorted(set(b) - set(a)) for b, a in zip(before, after, strict=True)]
    # The last start before also goes where it would have run into the closed day.
    assert gone == [
        ["03-03T10:00", "03-03T22:00"],
        ["03-04T00:00", "03-04T12:00"],
        ["03-04T08:00", "03-04T20:00"],
    ]
    assert await connection.all(VERSIONS) == [1, 1, 1]

    removed = await client.delete(f"/closures/{made.json()['id']}", headers=admin)

    assert removed.status_code == 204
    assert [await starts(client, offering, provider) for provider in providers] == before
    assert await connection.all(VERSIONS) == [2, 2, 2]
    again = await client.delete(f"/closures/{made.json()['id']}", headers=admin)
    assert (again.status_code, again.json()["code"]) == (404, "closure-not-found")


async def test_days_are_closed_from_the_first_to_the_last(client, connection, admin):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider, slot_step_minutes=720)

    await client.post("/closures", json=closed(last_day=str(TUESDAY)), headers=admin)

    assert await connection.all(KEPT) == [(MONDAY, TUESDAY)]
    days = {start[:5] for start in await starts(client, offering, provider)}
    assert days == {"03-03", "03-06"}


async def test_a_booking_is_refused_on_a_closed_day(client, connection, admin):
    offering = await make_offering(connection)
    await client.post("/closures", json=closed(), headers=admin)
    wanted = {"service_id": str(offering.id), "starts_at": "2030-03-04T10:00:00Z"}

    refused = await client.post("/bookings", json=wanted, headers=admin)

    assert (refused.status_code, refused.json()["code"]) == (409, "slot-unavailable")
    others = {slot["starts_at"][:10] for slot in refused.json()["alternatives"]}
    assert others
    assert str(MONDAY) not in others


@pytest.mark.parametrize(
    ("zone", "starts_at", "status"),
    [
        ("UTC", "03-04T10:00", 409),
        ("UTC", "03-03T10:00", 201),
        ("UTC", "03-05T00:00", 201),
        ("UTC", "03-03T23:30", 409),  # it would run into the closed day
        ("Pacific/Kiritimati", "03-03T10:00", 409),
        ("Pacific/Kiritimati", "03-04T10:00", 201),
        ("America/Los_Angeles", "03-05T06:59", 409),
        ("America/Los_Angeles", "03-04T06:59", 201),
    ],
)
async def test_a_day_on_which_somebody_is_to_come_is_not_closed_unless_it_has_to_be(
    client, connection, admin, zone, starts_at, status
):
    provider = await make_provider(connection, timezone=zone)
    offering, customer = await make_offering(connection, provider), await make_user(connection)
    begins = NOW.fromisoformat(f"2030-{starts_at}:00+00:00")
    await make_booking(connection, customer.id, offering, provider, starts_at=begins)

    answer = await client.post("/closures", json=closed(), headers=admin)
    forced = await client.post("/closures", json=closed(force=True), headers=admin)

    assert (answer.status_code, forced.status_code) == (status, 201)
    assert status == 201 or answer.json()["code"] == "has-bookings"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "Stocktaking"}, "#/first_day"),
        ({"first_day": str(MONDAY)}, "#/name"),
        (closed("2030-02-29"), "#/first_day"),
        (closed("0001-01-01"), "#/first_day"),
        (closed("9999-12-31"), "#/first_day"),
        (closed("2030-03-04T00:00:00Z"), "#/first_day"),
        (closed(last_day="2030-03-03"), "#/last_day"),
        (closed(last_day="2031-03-05"), "#/last_day"),
        (closed(last_day="2199-12-31"), "#/last_day"),
        (closed(name=" "), "#/name"),
        (closed(name="x" * 101), "#/name"),
        (closed(force="true"), "#/force"),
        (closed(reason="because"), "#/reason"),
    ],
)
async def test_what_is_wrong_with_days_is_pointed_at(client, admin, body, pointer):
    refused = await client.post("/closures", json=body, headers=admin)

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


@pytest.mark.parametrize("last", ["2031-03-04", None])
async def test_a_business_may_close_for_a_year(client, admin, last):
    assert (
        await client.post("/closures", json=closed(last_day=last), headers=admin)
    ).status_code == 201


async def test_a_closure_that_is_sent_again_is_one(client, connection, admin):
    key = {"Idempotency-Key": "once"}

    answers = [await client.post("/closures", json=closed(), headers=admin | key) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert len(await connection.all(KEPT)) == 1


async def test_days_are_listed_for_everybody(client, connection):
    for number in (4, 0, 2, 6):
        first = MONDAY + timedelta(days=number)
        await make_closure(connection, first_day=first, last_day=first + timedelta(days=1))

    everything = await walk(client, "/closures", limit=2)
    some = await client.get("/closures?from=2030-03-07&to=2030-03-08&sort=-first_day")

    assert [item["first_day"][8:] for item in everything] == ["04", "06", "08", "10"]
    assert [item["first_day"][8:] for item in some.json()["items"]] == ["08", "06"]
    assert (await client.get("/closures?from=yesterday")).status_code == 422


async def test_only_those_who_look_after_providers_close_the_business(
    client, connection, adapters, admin
):
    there = await make_closure(connection)
    others = [
        await sign_in(connection, adapters, role)
        for role in (Role.CUSTOMER, Role.PROVIDER, Role.MANAGEMENT)
    ]
    for who in others:
        made = await client.post("/closures", json=closed(), headers=who)
        gone = await client.delete(f"/closures/{there.id}", headers=who)
        unknown = await client.delete(f"/closures/{new_id()}", headers=who)
        assert {one.status_code for one in (made, gone, unknown)} == {403}
    assert (await client.post("/closures", json=closed())).status_code == 401


async def test_what_staff_did_is_noted(client, connection, admin):
    made = await client.post("/closures", json=closed(), headers=admin)
    await client.delete(f"/closures/{made.json()['id']}", headers=admin)

    noted = await connection.all(NOTED)
    assert [action for action, _ in noted] == ["closure.created", "closure.removed"]
    assert noted[0][1]["name"] == "Stocktaking"
