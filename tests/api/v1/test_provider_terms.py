"""What providers say of themselves and how they can be booked, over HTTP."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.ids import new_id
from app.core.statements import Query
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.models import AuditLog, Providers
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW

VERSION = Query(select(Providers.hours_version), int)
NOTED = Query(select(AuditLog.action, AuditLog.before, AuditLog.after), lambda *row: row)
TERMS = {
    "min_notice_minutes": 120,
    "max_horizon_days": 7,
    "slot_step_minutes": 15,
    "max_per_day": 3,
    "max_per_week": 9,
}
TOLD = {"bio": "Scissors.", "location": "Berlin", "latitude": 52.52, "longitude": 13.405}


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, weekly=[[day, 540, 1020] for day in range(7)])


@pytest.fixture
async def offering(connection, provider):
    return await make_offering(connection, provider, slot_step_minutes=60, min_notice_minutes=30)


@pytest.fixture
async def path(provider):
    return f"/providers/{provider.id}"


@pytest.fixture
async def me(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def ask(client, offering, me):
    """What tells the free times of days of March, and books one."""

    async def starts(first: int, last: int | None = None) -> list[str]:
        params = {"from": f"2030-03-{first:02}", "to": f"2030-03-{last or first:02}"}
        shown = await client.get(f"/services/{offering.id}/slots", params=params)
        return [slot["starts_at"][8:16] for slot in shown.json()["items"]]

    async def book(start: str) -> int:
        wanted = {"service_id": str(offering.id), "starts_at": f"2030-03-{start}:00Z"}
        return (await client.post("/bookings", json=wanted, headers=me)).status_code

    return starts, book


async def test_what_is_given_is_changed_and_the_rest_stays(client, connection, path, me):
    before = (await client.get(path)).json()

    both = await client.patch(path, json=TERMS | TOLD, headers=me)
    some = await client.patch(path, json={"max_per_day": None, "bio": None}, headers=me)

    assert (both.status_code, both.json()) == (200, before | TERMS | TOLD)
    assert some.json() == both.json() | {"max_per_day": None, "bio": None}
    shown = await client.get(path)
    assert (shown.json(), shown.headers["ETag"]) == (some.json(), some.headers["ETag"])
    listed = (await client.get("/providers")).json()["items"]
    assert listed == [some.json()]
    assert await connection.first(VERSION) == 2


async def test_what_is_there_already_changes_nothing(client, connection, path, me):
    first = await client.patch(path, json=TERMS, headers=me)
    again = await client.patch(path, json=TERMS, headers=me)
    nothing = await client.patch(path, json={}, headers=me)

    assert first.json() == again.json() == nothing.json()
    assert await connection.first(VERSION) == 1


async def test_a_change_of_what_was_seen_before_is_a_412(client, path, me):
    seen = (await client.get(path)).headers["ETag"]

    first = await client.patch(path, json=TERMS, headers=me | {"If-Match": seen})
    stale = await client.patch(path, json=TOLD, headers=me | {"If-Match": seen})

    assert (first.status_code, stale.status_code) == (200, 412)
    assert stale.json()["code"] == "precondition-failed"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("min_notice_minutes", [-1, 525_601, "60", 1.5, True]),
        ("max_horizon_days", [0, 731]),
        ("slot_step_minutes", [0, 1441]),
        ("max_per_day", [0, 1001, 2**40]),
        ("max_per_week", [0, 5001]),
        ("latitude", [-90.1, 91, "52"]),
        ("longitude", [-181, 180.5]),
        ("bio", ["x" * 2001, 5]),
        ("location", ["", "x" * 301]),
        ("name", ["Vera"]),
        ("status", ["active"]),
        ("hours_version", [0]),
    ],
)
async def test_what_is_wrong_is_pointed_at(client, path, me, name, values):
    for value in values:
        refused = await client.patch(path, json={name: value}, headers=me)

        assert refused.status_code == 422, value
        assert [error["pointer"] for error in refused.json()["errors"]] == [f"#/{name}"]


async def test_a_place_has_both_or_neither(client, path, me):
    half = await client.patch(path, json={"latitude": 52.5}, headers=me)
    whole = await client.patch(path, json={"latitude": 0, "longitude": -0.1}, headers=me)
    half_gone = await client.patch(path, json={"longitude": None}, headers=me)
    gone = await client.patch(path, json={"latitude": None, "longitude": None}, headers=me)

    statuses = [one.status_code for one in (half, whole, half_gone, gone)]
    assert statuses == [422, 200, 422, 200]
    assert half.json()["code"] == half_gone.json()["code"] == "incomplete-place"


async def test_only_the_provider_and_administrators_change_them(client, connection, adapters, path):
    visitors = [
        await sign_in(connection, adapters, role)
        for role in (Role.CUSTOMER, Role.PROVIDER, Role.MANAGEMENT, Role.ADMIN)
    ]
    hidden = await make_provider(connection, status=ProviderStatus.PENDING)

    answers = [(await client.patch(path, json=TERMS, headers=who)) for who in visitors]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 200]
    for provider_id in (hidden.id, new_id()):
        unseen = await client.patch(f"/providers/{provider_id}", json=TERMS, headers=visitors[0])
        assert (unseen.status_code, unseen.json()["code"]) == (404, "provider-not-found")


async def test_what_staff_did_is_noted(client, connection, adapters, path):
    admin = await sign_in(connection, adapters, Role.ADMIN)

    await client.patch(path, json={"max_per_day": 3, "bio": "About a person"}, headers=admin)

    ((action, before, after),) = await connection.all(NOTED)
    assert (action, before["own"]["max_per_day"]) == ("provider.changed", None)
    assert (after["own"]["max_per_day"], after["bio"]) == (3, "[personal]")


async def test_own_notice_holds_where_it_is_stricter(client, path, me, ask):
    starts, book = ask
    before = await starts(1)

    await client.patch(path, json={"min_notice_minutes": 180}, headers=me)

    assert before == ["01T13:00", "01T14:00", "01T15:00", "01T16:00"]  # it is noon
    assert await starts(1) == ["01T15:00", "01T16:00"]
    assert (await book("01T14:00"), await book("01T15:00")) == (422, 201)
    await client.patch(path, json={"min_notice_minutes": 0}, headers=me)
    assert await starts(1) == ["01T13:00", "01T14:00", "01T16:00"]


async def test_own_horizon_holds_where_it_is_nearer(client, path, me, ask):
    starts, book = ask

    await client.patch(path, json={"max_horizon_days": 2}, headers=me)

    assert await starts(3, 9) == ["03T09:00", "03T10:00", "03T11:00", "03T12:00"]
    assert (await book("03T13:00"), await book("03T12:00")) == (422, 201)
    await client.patch(path, json={"max_horizon_days": None}, headers=me)
    assert len(await starts(9)) == 8


async def test_an_own_step_takes_the_place_of_the_services(client, path, me, ask):
    starts, book = ask

    await client.patch(path, json={"slot_step_minutes": 90}, headers=me)

    assert await starts(4) == ["04T09:00", "04T10:30", "04T12:00", "04T13:30", "04T15:00"]
    assert (await book("04T10:00"), await book("04T10:30")) == (409, 201)


async def test_a_day_and_a_week_take_so_many_and_no_more(
    client, connection, offering, provider, path, me, ask
):
    starts, book = ask
    customer = await make_user(connection)
    for hours in (69, 70):  # Monday, the fourth, at 9 and at 10
        begins = NOW + timedelta(hours=hours)
        await make_booking(connection, customer.id, offering, provider, starts_at=begins)

    await client.patch(path, json={"max_per_day": 2}, headers=me)
    assert (await starts(4), len(await starts(5))) == ([], 8)
    assert (await book("04T12:00"), await book("05T12:00")) == (409, 201)

    await client.patch(path, json={"max_per_day": 10, "max_per_week": 3}, headers=me)
    assert (await starts(4, 10), len(await starts(11))) == ([], 8)
    assert (await book("06T12:00"), await book("11T12:00")) == (409, 201)


async def test_hours_of_next_month_are_set_today(client, provider, me, ask):
    starts, book = ask
    later = {
        "timezone": "UTC",
        "weekly": [{"weekday": day, "start": "18:00", "end": "20:00"} for day in range(7)],
        "effective_from": "2030-03-20",
    }

    await client.put(f"/providers/{provider.id}/schedule", json=later, headers=me)

    found = await starts(19, 20)
    assert found[:8] == [f"19T{hour:02}:00" for hour in range(9, 17)]
    assert found[8:] == ["20T18:00", "20T19:00"]
    assert (await book("20T10:00"), await book("20T18:00")) == (409, 201)
