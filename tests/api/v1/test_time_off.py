"""Being away, over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.ids import new_id
from app.core.statements import Query
from app.domain.bookings import BookingStatus
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.models import AuditLog, Providers
from app.models import TimeOff as Absences
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW
from tests.factories.hours import make_time_off
from tests.factories.walks import walk

MONDAY = "2030-03-04"
NOON = NOW.replace(day=4)
KEPT = Query(select(Absences.reason), lambda reason: reason)
VERSION = Query(select(Providers.hours_version), int)
NOTED = Query(select(AuditLog.action, AuditLog.after), lambda *row: row)


def away(start: str = "10:00", end: str = "15:00", **more: Any) -> dict[str, Any]:
    return {"starts_at": f"{MONDAY}T{start}:00Z", "ends_at": f"{MONDAY}T{end}:00Z", **more}


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, weekly=[[0, 540, 1020]])


@pytest.fixture
async def offering(connection, provider):
    return await make_offering(connection, provider, slot_step_minutes=60)


@pytest.fixture
async def path(provider):
    return f"/providers/{provider.id}/time-off"


@pytest.fixture
async def me(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


async def starts(client, offering) -> list[str]:
    params = {"from": MONDAY, "to": MONDAY}
    shown = await client.get(f"/services/{offering.id}/slots", params=params)
    return [slot["starts_at"][11:16] for slot in shown.json()["items"]]


async def test_while_somebody_is_away_nobody_books_them(client, connection, offering, path, me):
    taken = await client.post(path, json=away(reason=" Dentist "), headers=me)

    assert taken.status_code == 201
    assert taken.json() == {
        "id": taken.json()["id"],
        **away(),
        "reason": "Dentist",
        "created_at": "2030-03-01T12:00:00Z",
    }
    assert await starts(client, offering) == ["09:00", "15:00", "16:00"]
    wanted = {"service_id": str(offering.id), "starts_at": f"{MONDAY}T12:00:00Z"}
    refused = await client.post("/bookings", json=wanted, headers=me)
    assert (refused.status_code, refused.json()["code"]) == (409, "slot-unavailable")

    gone = await client.delete(f"{path}/{taken.json()['id']}", headers=me)

    assert gone.status_code == 204
    assert await connection.first(VERSION) == 2
    assert (await client.post("/bookings", json=wanted, headers=me)).status_code == 201
    again = await client.delete(f"{path}/{taken.json()['id']}", headers=me)
    assert (again.status_code, again.json()["code"]) == (404, "time-off-not-found")


async def test_the_very_same_time_is_taken_once(client, connection, path, me):
    first = await client.post(path, json=away(reason="Ill"), headers=me)

    second = await client.post(path, json=away(), headers=me)
    other = await client.post(path, json=away(end="16:00"), headers=me)

    assert (second.status_code, second.json()["id"]) == (201, first.json()["id"])
    assert other.json()["id"] != first.json()["id"]
    assert await connection.all(KEPT) == [None, None]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 409),
        ({"status": BookingStatus.CANCELLED}, 201),
        ({"status": BookingStatus.NO_SHOW}, 201),
        ({"status": BookingStatus.PENDING, "hold_expires_at": NOW}, 201),
        ({"status": BookingStatus.PENDING, "hold_expires_at": NOW + timedelta(seconds=1)}, 409),
        # An hour before and right after; then with buffers that reach into it.
        ({"starts_at": NOON - timedelta(hours=3)}, 201),
        ({"starts_at": NOON + timedelta(hours=3)}, 201),
        ({"starts_at": NOON + timedelta(hours=3, minutes=-1)}, 409),
        ({"starts_at": NOON - timedelta(hours=3), "blocked_until": NOON}, 201),
        ({"starts_at": NOON + timedelta(hours=3), "blocked_from": NOON}, 201),
    ],
)
async def test_nobody_is_away_while_somebody_is_to_come_unless_it_has_to_be(
    client, connection, offering, provider, path, me, changes, status
):
    customer = await make_user(connection)
    facts = {"starts_at": NOON, **changes}
    await make_booking(connection, customer.id, offering, provider, **facts)

    taken = await client.post(path, json=away(), headers=me)

    assert taken.status_code == status
    if status == 409:
        assert taken.json()["code"] == "has-bookings"
        assert await connection.first(VERSION) == 0
    forced = await client.post(path, json=away(force=True), headers=me)
    assert forced.status_code == 201


async def test_what_is_over_is_in_nobodys_way(client, connection, offering, provider, path, me):
    customer = await make_user(connection)
    before = NOW - timedelta(hours=2)
    await make_booking(connection, customer.id, offering, provider, starts_at=before)
    ill = {"starts_at": before.isoformat(), "ends_at": (NOW + timedelta(days=1)).isoformat()}

    assert (await client.post(path, json=ill, headers=me)).status_code == 201


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/starts_at"),
        (away(end="10:00"), "#/ends_at"),
        (away(end="09:59"), "#/ends_at"),
        (away(starts_at="2030-03-04T10:00:00"), "#/starts_at"),
        (away(starts_at="2030-02-29T10:00:00Z"), "#/starts_at"),
        (away(starts_at="0001-01-01T00:00:00Z"), "#/starts_at"),
        (away(ends_at="9999-12-31T23:59:59Z"), "#/ends_at"),
        (away(ends_at=1898812800), "#/ends_at"),
        (away(reason="x" * 201), "#/reason"),
        (away(reason="a\x07b"), "#/reason"),
        (away(force=1), "#/force"),
        (away(until="later"), "#/until"),
    ],
)
async def test_what_is_wrong_with_a_time_is_pointed_at(client, path, me, body, pointer):
    refused = await client.post(path, json=body, headers=me)

    assert refused.status_code == 422
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]


async def test_why_somebody_is_away_is_for_them_and_those_who_look_after_them(
    client, connection, adapters, provider, path, me
):
    await make_time_off(connection, provider, reason="A secret of mine")
    admin = await sign_in(connection, adapters, Role.ADMIN)
    others = [
        await sign_in(connection, adapters, role)
        for role in (Role.CUSTOMER, Role.PROVIDER, Role.MANAGEMENT)
    ]

    told = [(await client.get(path, headers=who)).json()["items"] for who in (me, admin)]

    assert [[item["reason"] for item in items] for items in told] == [["A secret of mine"]] * 2
    assert [(await client.get(path, headers=who)).status_code for who in others] == [403] * 3
    assert (await client.get(path)).status_code == 401
    assert "secret" not in (await client.get(f"/providers/{provider.id}")).text


async def test_times_are_listed_as_they_come_and_as_far_as_they_reach(
    client, connection, provider, path, me
):
    for number in (3, 1, 0, 2):
        begins = NOW + timedelta(days=number)
        await make_time_off(
            connection, provider, starts_at=begins, ends_at=begins + timedelta(hours=12)
        )

    everything = await walk(client, path, limit=2, headers=me)
    reaching = {"from": "2030-03-02T13:00:00Z", "to": "2030-03-04T12:00:00Z", "sort": "-starts_at"}
    some = await client.get(path, params=reaching, headers=me)

    assert [item["starts_at"][8:10] for item in everything] == ["01", "02", "03", "04"]
    assert [item["starts_at"][8:10] for item in some.json()["items"]] == ["03", "02"]


async def test_of_who_is_hidden_nothing_is_told_or_changed(client, connection, adapters):
    hidden = await make_provider(connection, status=ProviderStatus.PENDING)
    stranger = await sign_in(connection, adapters)

    for provider_id in (hidden.id, new_id()):
        path = f"/providers/{provider_id}/time-off"
        answers = [
            await client.get(path, headers=stranger),
            await client.post(path, json=away(), headers=stranger),
            await client.delete(f"{path}/{new_id()}", headers=stranger),
        ]
        assert [answer.json()["code"] for answer in answers] == ["provider-not-found"] * 3


async def test_what_is_anothers_is_not_found_under_ones_own(client, connection, path, me):
    theirs = await make_time_off(connection, await make_provider(connection))

    gone = await client.delete(f"{path}/{theirs.id}", headers=me)

    assert (gone.status_code, gone.json()["code"]) == (404, "time-off-not-found")
    assert len(await connection.all(KEPT)) == 1


async def test_what_staff_did_is_noted_and_not_why(client, connection, adapters, path, me):
    admin = await sign_in(connection, adapters, Role.ADMIN)

    taken = await client.post(path, json=away(reason="Surgery"), headers=admin)
    await client.delete(f"{path}/{taken.json()['id']}", headers=admin)
    await client.post(path, json=away(), headers=me)

    noted = await connection.all(NOTED)
    assert [action for action, _ in noted] == ["time_off.taken", "time_off.removed"]
    assert noted[0][1]["reason"] == "[personal]"
