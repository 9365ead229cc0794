"""Weekly hours over HTTP."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from app.core.ids import new_id
from app.core.statements import Query
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.models import Providers, Schedules
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_provider

KEPT = Query(
    select(Schedules.id, Schedules.effective_from, Schedules.weekly).order_by(
        Schedules.effective_from
    ),
    lambda *row: row,
)
ZONE = Query(select(Providers.timezone), str)
MONDAY = {"weekday": 0, "start": "09:00", "end": "17:00"}


def week(*windows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"timezone": "Europe/Berlin", "weekly": list(windows), **more}


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, weekly=[], timezone="UTC")


@pytest.fixture
async def path(provider):
    return f"/providers/{provider.id}/schedule"


@pytest.fixture
async def me(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


async def test_a_provider_without_hours_has_an_empty_week(client, path):
    shown = await client.get(path)

    assert shown.json() == {"timezone": "UTC", "weekly": [], "effective_from": None}


async def test_hours_are_set_kept_in_order_and_shown(client, connection, path, me):
    night = {"weekday": 6, "start": "22:00", "end": "06:00"}
    late = {"weekday": 0, "start": "18:30", "end": "24:00"}

    put = await client.put(path, json=week(late, night, MONDAY), headers=me)

    assert put.status_code == 200
    assert put.json() == week(MONDAY, late, night, effective_from="2030-03-01")
    shown = await client.get(path)
    assert (shown.json(), shown.headers["ETag"]) == (put.json(), put.headers["ETag"])
    kept = await connection.all(KEPT)
    assert [row[2] for row in kept] == [[[0, 540, 1020], [0, 1110, 1440], [6, 1320, 1800]]]
    assert await connection.all(ZONE) == ["Europe/Berlin"]


async def test_hours_can_be_taken_away(client, path, me):
    await client.put(path, json=week(MONDAY), headers=me)

    put = await client.put(path, json=week(), headers=me)

    assert put.json()["weekly"] == []
    assert (await client.get(path)).json() == put.json()


async def test_each_time_hours_are_set_they_get_a_new_id(client, connection, path, me):
    await client.put(path, json=week(MONDAY), headers=me)
    first = await connection.all(KEPT)

    await client.put(path, json=week(MONDAY), headers=me)
    second = await connection.all(KEPT)

    assert len(first) == len(second) == 1
    assert first[0][0] != second[0][0]


@pytest.mark.parametrize(
    ("now", "timezone", "day"),
    [
        (datetime(2030, 3, 1, 10, 30, tzinfo=UTC), "Pacific/Kiritimati", "2030-03-02"),
        (datetime(2030, 3, 1, 9, 30, tzinfo=UTC), "Pacific/Kiritimati", "2030-03-01"),
        (datetime(2030, 3, 1, 9, 30, tzinfo=UTC), "Pacific/Pago_Pago", "2030-02-28"),
        (datetime(2030, 3, 1, 9, 30, tzinfo=UTC), "UTC", "2030-03-01"),
    ],
)
async def test_hours_hold_from_today_where_they_are_worked(
    client, connection, adapters, clock, provider, path, now, timezone, day
):
    clock.now = now
    me = await sign_in(connection, adapters, user_id=provider.user_id)

    put = await client.put(path, json={"timezone": timezone, "weekly": [MONDAY]}, headers=me)

    assert put.json()["effective_from"] == day
    assert (await client.get(path)).json() == put.json()


async def test_hours_of_a_later_day_wait_for_it(client, connection, clock, path, me):
    now = week(MONDAY)
    later = week(timezone="Asia/Tokyo", effective_from="2030-03-10")
    first = (await client.put(path, json=now, headers=me)).json()

    put = await client.put(path, json=later, headers=me)

    assert put.json() == later
    assert (await client.get(path)).json() == first
    assert (await client.get(f"{path}?on=2030-03-09")).json() == first
    assert (await client.get(f"{path}?on=2030-03-10")).json() == later
    assert (await client.get(f"{path}?on=2030-02-28")).json()["effective_from"] is None
    assert await connection.all(ZONE) == ["Europe/Berlin"]
    clock.now = datetime(2030, 3, 9, 15, tzinfo=UTC)  # the tenth has begun in Tokyo
    assert (await client.get(path)).json() == later


async def test_hours_of_an_earlier_day_do_not_replace_those_that_hold(client, connection, path, me):
    await client.put(path, json=week(MONDAY), headers=me)
    earlier = week(timezone="Asia/Tokyo", effective_from="2029-01-01")

    put = await client.put(path, json=earlier, headers=me)

    assert put.status_code == 200
    assert (await client.get(path)).json()["timezone"] == "Europe/Berlin"
    assert await connection.all(ZONE) == ["Europe/Berlin"]


async def test_a_stale_change_is_a_412_and_unchanged_hours_a_304(client, path, me):
    empty = (await client.get(path)).headers["ETag"]

    first = await client.put(path, json=week(MONDAY), headers={**me, "If-Match": empty})
    stale = await client.put(path, json=week(), headers={**me, "If-Match": empty})
    tag = {"If-None-Match": first.headers["ETag"]}

    assert (first.status_code, stale.status_code) == (200, 412)
    assert stale.json()["code"] == "precondition-failed"
    assert (await client.get(path, headers=tag)).status_code == 304


async def test_only_the_provider_and_administrators_set_hours(client, connection, adapters, path):
    visitors = [
        await sign_in(connection, adapters, role)
        for role in (Role.CUSTOMER, Role.PROVIDER, Role.MANAGEMENT, Role.ADMIN)
    ]

    statuses = [
        (await client.put(path, json=week(MONDAY), headers=who)).status_code for who in visitors
    ]

    assert statuses == [403, 403, 403, 200]
    assert (await client.put(path, json=week(MONDAY))).status_code == 401


async def test_hours_of_who_is_hidden_are_hidden_too(client, connection, adapters):
    hidden = await make_provider(connection, status=ProviderStatus.PENDING)
    stranger = await sign_in(connection, adapters)
    self = await sign_in(connection, adapters, user_id=hidden.user_id)

    for provider_id in (hidden.id, new_id()):
        path = f"/providers/{provider_id}/schedule"
        answers = [
            await client.get(path),
            await client.put(path, json=week(), headers=stranger),
        ]
        assert [answer.json()["code"] for answer in answers] == ["provider-not-found"] * 2
    set_ = await client.put(f"/providers/{hidden.id}/schedule", json=week(MONDAY), headers=self)
    assert set_.status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (week(timezone="Mars/Olympus"), "#/timezone"),
        (week(timezone=None), "#/timezone"),
        ({"timezone": "UTC"}, "#/weekly"),
        (week(effective_from="2030-02-30"), "#/effective_from"),
        (week(effective_from="2030-03-01T00:00:00Z"), "#/effective_from"),
        (week(effective_from=0), "#/effective_from"),
        (week(effective_from="1898812800"), "#/effective_from"),
        (week(effective_from="1900-01-01"), "#/effective_from"),
        (week(effective_from="9999-12-31"), "#/effective_from"),
        (week(*[MONDAY] * 101), "#/weekly"),
        (week(MONDAY, {**MONDAY, "weekday": 7}), "#/weekly/1/weekday"),
        (week({**MONDAY, "weekday": -1}), "#/weekly/0/weekday"),
        (week({**MONDAY, "weekday": "0"}), "#/weekly/0/weekday"),
        (week({**MONDAY, "start": "9:00"}), "#/weekly/0/start"),
        (week({**MONDAY, "start": "24:00"}), "#/weekly/0/start"),
        (week({**MONDAY, "start": "09:00\n"}), "#/weekly/0/start"),
        (week({**MONDAY, "start": "०९:००"}), "#/weekly/0/start"),
        (week({**MONDAY, "end": "24:01"}), "#/weekly/0/end"),
        (week({**MONDAY, "end": "17:60"}), "#/weekly/0/end"),
        (week({**MONDAY, "end": 17}), "#/weekly/0/end"),
        (week({"weekday": 0, "start": "09:00"}), "#/weekly/0/end"),
        (week({**MONDAY, "pause": 5}), "#/weekly/0/pause"),
        (week({**MONDAY, "end": "09:00"}), "#/weekly/0/end"),
        (week({**MONDAY, "start": "00:00", "end": "00:00"}), "#/weekly/0/end"),
        (week({**MONDAY, "start": "00:00", "end": "24:00"}, MONDAY), "#/weekly/1"),
        (week(effective_from="2030-02-29"), "#/effective_from"),
        (week(effective_from="0001-01-01"), "#/effective_from"),
        (week(timezone="UTC+2"), "#/timezone"),
        (week(MONDAY, MONDAY), "#/weekly/1"),
    ],
)
async def test_what_is_wrong_with_hours_is_pointed_at(client, path, me, body, pointer):
    put = await client.put(path, json=body, headers=me)

    assert put.status_code == 422
    assert [error["pointer"] for error in put.json()["errors"]] == [pointer]


async def test_hours_that_overlap_have_a_problem_of_their_own(client, connection, path, me):
    sunday = {"weekday": 6, "start": "22:00", "end": "10:00"}

    put = await client.put(path, json=week(sunday, MONDAY), headers=me)

    assert (put.status_code, put.json()["code"]) == (422, "overlapping-windows")
    assert put.json()["errors"][0]["pointer"] == "#/weekly/1"
    assert await connection.all(KEPT) == []


@pytest.mark.parametrize("day", ["", "0", "2030-13-01", "2030-03-01T00:00:00Z", "tomorrow"])
async def test_a_day_that_is_none_is_refused(client, path, day):
    answer = await client.get(path, params={"on": day})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/on"
