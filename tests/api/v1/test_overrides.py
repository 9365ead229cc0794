"""Dates with hours of their own, over HTTP."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core.ids import new_id
from app.core.statements import Query
from app.domain.bookings import BookingStatus
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.models import AuditLog, Overrides, Providers
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import NINE_TO_FIVE, make_offering, make_provider
from tests.factories.clock import NOW
from tests.factories.hours import make_closure, make_override
from tests.factories.walks import walk

MONDAY = date(2030, 3, 4)
TEN = NOW.replace(day=4, hour=9)  # ten o'clock of that Monday in Berlin
KEPT = Query(select(Overrides.day, Overrides.windows), lambda *row: row)
VERSION = Query(select(Providers.hours_version), int)
NOTED = Query(select(AuditLog.action), str)


def other(*windows: tuple[str, str], day: Any = MONDAY, **more: Any) -> dict[str, Any]:
    given = [{"start": start, "end": end} for start, end in windows]
    return {"date": str(day), "windows": given, **more}


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, timezone="Europe/Berlin", weekly=NINE_TO_FIVE)


@pytest.fixture
async def offering(connection, provider):
    return await make_offering(connection, provider, slot_step_minutes=60)


@pytest.fixture
async def path(provider):
    return f"/providers/{provider.id}/overrides"


@pytest.fixture
async def me(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def booked(connection, provider, offering):
    """What makes somebody's appointment of an hour with the provider."""
    customer = await make_user(connection)

    async def make(starts_at=TEN, **changes):
        return await make_booking(
            connection, customer.id, offering, provider, starts_at=starts_at, **changes
        )

    return make


async def starts(client, offering, day=MONDAY) -> list[str]:
    params = {"from": str(day), "to": str(day), "timezone": "Europe/Berlin"}
    shown = await client.get(f"/services/{offering.id}/slots", params=params)
    return [slot["starts_at"][11:16] for slot in shown.json()["items"]]


async def test_a_date_has_its_own_windows_and_no_others(client, connection, offering, path, me):
    before = await starts(client, offering)

    made = await client.post(path, json=other(("18:00", "20:00"), ("12:00", "13:00")), headers=me)

    assert (made.status_code, made.json().keys()) == (201, {"id", "date", "windows"})
    assert made.json()["date"] == str(MONDAY)
    assert made.json()["windows"] == other(("12:00", "13:00"), ("18:00", "20:00"))["windows"]
    assert await connection.all(KEPT) == [(MONDAY, [[720, 780], [1080, 1200]])]
    assert before == [f"{hour:02}:00" for hour in range(8, 16)]
    assert await starts(client, offering) == ["11:00", "17:00", "18:00"]
    assert await starts(client, offering, MONDAY + timedelta(days=7)) == before


async def test_a_date_without_windows_is_closed_until_the_override_is_gone(
    client, connection, offering, path, me
):
    made = await client.post(path, json={"date": str(MONDAY)}, headers=me)
    shut = await starts(client, offering)
    wanted = {"service_id": str(offering.id), "starts_at": TEN.isoformat()}
    refused = await client.post("/bookings", json=wanted, headers=me)

    gone = await client.delete(f"{path}/{made.json()['id']}", headers=me)

    assert (made.json()["windows"], shut) == ([], [])
    assert (refused.status_code, refused.json()["code"]) == (409, "slot-unavailable")
    assert gone.status_code == 204
    assert (await client.post("/bookings", json=wanted, headers=me)).status_code == 201
    assert await connection.first(VERSION) == 2
    again = await client.delete(f"{path}/{made.json()['id']}", headers=me)
    assert (again.status_code, again.json()["code"]) == (404, "override-not-found")


async def test_the_same_date_again_replaces_what_was_said_of_it(client, connection, path, me):
    first = await client.post(path, json=other(("09:00", "12:00")), headers=me)

    second = await client.post(path, json=other(("10:00", "11:00")), headers=me)

    assert second.status_code == 201
    assert second.json()["id"] == first.json()["id"]
    assert await connection.all(KEPT) == [(MONDAY, [[600, 660]])]


async def test_a_window_may_run_over_midnight_and_to_midnight(client, connection, path, me):
    made = await client.post(path, json=other(("22:00", "02:00"), ("20:00", "21:00")), headers=me)
    whole = await client.post(path, json=other(("00:00", "24:00"), day="2030-03-05"), headers=me)
    late = await client.post(path, json=other(("22:00", "00:00"), day="2030-03-06"), headers=me)

    assert made.json()["windows"] == other(("20:00", "21:00"), ("22:00", "02:00"))["windows"]
    assert whole.json()["windows"] == [{"start": "00:00", "end": "24:00"}]
    assert late.json()["windows"] == [{"start": "22:00", "end": "24:00"}]
    kept = dict(await connection.all(KEPT))
    assert kept[MONDAY] == [[1200, 1260], [1320, 1560]]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "#/date", None),
        (other(day="2030-02-29"), "#/date", None),
        (other(day="0001-01-01"), "#/date", None),
        (other(day="9999-12-31"), "#/date", None),
        (other(day="2030-03-04T00:00:00Z"), "#/date", None),
        (other(day=20300304), "#/date", None),
        (other(force=None), "#/force", None),
        (other(force="yes"), "#/force", None),
        (other(closed=True), "#/closed", None),
        ({"date": str(MONDAY), "windows": None}, "#/windows", None),
        (other(*[("09:00", "10:00")] * 51), "#/windows", None),
        (other(("24:00", "10:00")), "#/windows/0/start", None),
        (other(("09:00", "24:01")), "#/windows/0/end", None),
        (other(("9:00", "10:00")), "#/windows/0/start", None),
        (other(("09:00", "09:00")), "#/windows/0/end", "empty-window"),
        (other(("00:00", "00:00")), "#/windows/0/end", "empty-window"),
        (other(("10:00", "12:00"), ("09:00", "10:01")), "#/windows/1", "overlapping-windows"),
        (other(("22:00", "02:00"), ("23:00", "24:00")), "#/windows/1", "overlapping-windows"),
    ],
)
async def test_what_is_wrong_with_a_date_is_pointed_at(client, path, me, body, pointer, code):
    refused = await client.post(path, json=body, headers=me)

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert code is None or refused.json()["code"] == code


@pytest.mark.parametrize("day", ["2028-02-29", "1970-01-01", "2199-12-31"])
async def test_a_leap_day_and_a_day_long_ago_are_days_like_others(client, path, me, day):
    assert (await client.post(path, json=other(day=day), headers=me)).status_code == 201


async def test_a_date_is_not_closed_over_a_booking_unless_it_has_to_be(
    client, connection, path, me, booked
):
    await booked()

    refused = await client.post(path, json=other(), headers=me)
    cut = await client.post(path, json=other(("11:00", "17:00")), headers=me)
    kept = await client.post(path, json=other(("10:00", "11:00")), headers=me)
    forced = await client.post(path, json=other(force=True), headers=me)

    assert [one.status_code for one in (refused, cut, kept, forced)] == [409, 409, 201, 201]
    assert {refused.json()["code"], cut.json()["code"]} == {"has-bookings"}
    assert await connection.all(KEPT) == [(MONDAY, [])]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": BookingStatus.CANCELLED}, 201),
        ({"status": BookingStatus.PENDING, "hold_expires_at": NOW}, 201),
        ({"status": BookingStatus.PENDING, "hold_expires_at": NOW + timedelta(seconds=1)}, 409),
        # Buffers may lie outside the hours.
        ({"blocked_until": TEN + timedelta(hours=9)}, 409),
        ({"starts_at": TEN - timedelta(days=7)}, 201),
        ({"starts_at": TEN + timedelta(days=1)}, 201),
        # Outside the hours as they are, so that nothing changes for it.
        ({"starts_at": TEN + timedelta(hours=9)}, 201),
    ],
)
async def test_what_stands_in_the_way_is_what_would_have_taken_place_then(
    client, path, me, booked, changes, status
):
    await booked(**changes)

    assert (await client.post(path, json=other(), headers=me)).status_code == status


async def test_a_night_belongs_to_the_day_on_which_it_begins(
    client, connection, adapters, path, me, provider, booked
):
    night = {
        "timezone": "Europe/Berlin",
        "weekly": [{"weekday": 0, "start": "22:00", "end": "03:00"}],
    }
    await client.put(f"/providers/{provider.id}/schedule", json=night, headers=me)
    await booked(TEN.replace(day=5, hour=0))  # one o'clock on Tuesday

    monday = await client.post(path, json=other(), headers=me)
    shorter = await client.post(path, json=other(("22:00", "24:00")), headers=me)
    # What runs into a day with hours of its own ends at its midnight.
    tuesday = await client.post(path, json=other(day="2030-03-05"), headers=me)
    longer = await client.post(path, json=other(("21:00", "02:00")), headers=me)

    statuses = [one.status_code for one in (monday, shorter, tuesday, longer)]
    assert statuses == [409, 409, 409, 201]


async def test_a_closed_business_stays_closed_whatever_a_provider_says(
    client, connection, offering, path, me
):
    await make_closure(connection, first_day=MONDAY, last_day=MONDAY)

    await client.post(path, json=other(("09:00", "17:00")), headers=me)

    assert await starts(client, offering) == []


async def test_dates_are_listed_by_their_order_and_within_bounds(
    client, connection, provider, path
):
    days = [MONDAY + timedelta(days=3 * number) for number in range(5)]
    for day in reversed(days):
        await make_override(connection, provider, day=day)
    await make_override(connection, await make_provider(connection))

    everything = await walk(client, path, limit=2)
    some = await client.get(f"{path}?from={days[1]}&to={days[3]}&sort=-date")

    assert [item["date"] for item in everything] == [str(day) for day in days]
    assert [item["date"] for item in some.json()["items"]] == [str(day) for day in days[3:0:-1]]
    for wrong in ("from=2030-02-30", "to=tomorrow", "from=0001-01-01"):
        assert (await client.get(f"{path}?{wrong}")).status_code == 422


async def test_of_who_is_hidden_nothing_is_told_or_changed(client, connection, adapters):
    hidden = await make_provider(connection, status=ProviderStatus.PENDING)
    override = await make_override(connection, hidden)
    stranger = await sign_in(connection, adapters)

    for provider_id in (hidden.id, new_id()):
        path = f"/providers/{provider_id}/overrides"
        answers = [
            await client.get(path),
            await client.post(path, json=other(), headers=stranger),
            await client.delete(f"{path}/{override.id}", headers=stranger),
        ]
        assert [answer.json()["code"] for answer in answers] == ["provider-not-found"] * 3


async def test_what_is_anothers_is_not_found_under_ones_own(client, connection, path, me):
    theirs = await make_override(connection, await make_provider(connection))

    gone = await client.delete(f"{path}/{theirs.id}", headers=me)

    assert (gone.status_code, gone.json()["code"]) == (404, "override-not-found")
    assert len(await connection.all(KEPT)) == 1


async def test_what_staff_did_is_noted(client, connection, adapters, path, me):
    admin = await sign_in(connection, adapters, Role.ADMIN)

    made = await client.post(path, json=other(), headers=admin)
    await client.delete(f"{path}/{made.json()['id']}", headers=admin)
    await client.post(path, json=other(), headers=me)

    assert await connection.all(NOTED) == ["override.set", "override.removed"]
