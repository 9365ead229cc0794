"""What the list offers the booking accepts, what it doesn't offer the booking refuses."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from app.domain.offerings import OfferingStatus, PaymentTerms
from app.domain.providers import ProviderStatus
from tests.factories.accounts import sign_in
from tests.factories.catalog import NINE_TO_FIVE, make_offering, make_provider, make_schedule

MONDAY = "2030-03-04"


async def slots(client, offering, first=MONDAY, last=MONDAY, **query):
    params = {"from": first, "to": last, **query}
    answer = await client.get(f"/services/{offering.id}/slots", params=params)
    assert answer.status_code == 200, answer.json()
    return answer.json()


async def test_a_day_shows_its_free_times_in_the_providers_zone(client, connection):
    provider = await make_provider(connection, timezone="Europe/Berlin", weekly=NINE_TO_FIVE)
    offering = await make_offering(connection, provider, slot_step_minutes=60)

    found = await slots(client, offering)

    assert found["timezone"] == "Europe/Berlin"
    assert [slot["starts_at"][11:16] for slot in found["items"]] == [
        f"{hour:02d}:00" for hour in range(8, 16)
    ]
    assert found["items"][0] == {
        "starts_at": "2030-03-04T08:00:00Z",
        "ends_at": "2030-03-04T09:00:00Z",
        "provider_ids": [str(provider.id)],
    }


async def test_every_offered_time_books_and_then_is_gone_and_no_other_books(
    client, connection, adapters
):
    provider = await make_provider(connection, timezone="Asia/Kolkata", weekly=NINE_TO_FIVE)
    terms = {"buffer_before_minutes": 5, "buffer_after_minutes": 10, "slot_step_minutes": 25}
    offering = await make_offering(connection, provider, duration_minutes=50, **terms)
    me = await sign_in(connection, adapters)

    offered = [slot["starts_at"] for slot in (await slots(client, offering))["items"]]
    booked = []
    for minute in range(3 * 60, 12 * 60, 5):
        start = f"{MONDAY}T{minute // 60:02d}:{minute % 60:02d}:00Z"
        now = [slot["starts_at"] for slot in (await slots(client, offering))["items"]]
        asked = {"service_id": str(offering.id), "starts_at": start}
        status = (await client.post("/bookings", json=asked, headers=me)).status_code
        assert status == (201 if start in now else 409), start
        booked += [start] if status == 201 else []

    assert offered[0] == booked[0] == "2030-03-04T03:30:00Z"
    assert set(booked) <= set(offered)
    assert (await slots(client, offering))["items"] == []


async def test_the_viewers_zone_moves_the_day_and_never_the_grid(client, connection):
    provider = await make_provider(connection, timezone="Asia/Kathmandu", weekly=NINE_TO_FIVE)
    offering = await make_offering(connection, provider)
    week = {"first": MONDAY, "last": "2030-03-10"}

    here = await slots(client, offering, **week)
    there = await slots(client, offering, **week, timezone="America/New_York")

    shared = {slot["starts_at"] for slot in here["items"]} & {
        slot["starts_at"] for slot in there["items"]
    }
    assert there["timezone"] == "America/New_York"
    assert len(shared) >= len(there["items"]) - 16
    assert all(slot["starts_at"][14:16] in ("15", "45") for slot in there["items"])


async def test_the_night_the_clocks_go_forward_offers_no_time_that_does_not_exist(
    client, connection
):
    provider = await make_provider(connection, timezone="Europe/Berlin", weekly=[[6, 60, 240]])
    offering = await make_offering(connection, provider, duration_minutes=30, max_horizon_days=60)

    found = await slots(client, offering, "2030-03-31", "2030-03-31")

    assert [slot["starts_at"][11:16] for slot in found["items"]] == [
        "00:00",
        "00:30",
        "01:00",
        "01:30",
    ]


async def test_several_providers_share_one_slot_and_each_keeps_their_own_length(client, connection):
    quick = await make_provider(connection, weekly=[[0, 540, 600]])
    slow = await make_provider(connection, weekly=[[0, 540, 660]])
    offering = await make_offering(connection, quick, slow, slot_step_minutes=60)

    found = (await slots(client, offering))["items"]
    only = (await slots(client, offering, provider_id=str(quick.id)))["items"]

    assert [len(slot["provider_ids"]) for slot in found] == [2, 1]
    assert [slot["provider_ids"] for slot in only] == [[str(quick.id)]]


async def test_next_months_hours_are_next_months(client, connection):
    provider = await make_provider(connection, weekly=[[0, 540, 600]])
    await make_schedule(
        connection,
        provider,
        weekly=[[0, 840, 900]],
        effective_from=date(2030, 3, 10),
    )
    offering = await make_offering(connection, provider)

    found = (await slots(client, offering, MONDAY, "2030-03-12"))["items"]

    assert [slot["starts_at"] for slot in found] == [
        "2030-03-04T09:00:00Z",
        "2030-03-11T14:00:00Z",
    ]


async def test_a_live_hold_is_not_offered_and_a_lapsed_one_is(client, connection, adapters, clock):
    provider = await make_provider(connection, weekly=[[0, 540, 600]])
    offering = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)
    me = await sign_in(connection, adapters)
    asked = {"service_id": str(offering.id), "starts_at": f"{MONDAY}T09:00:00Z"}
    await client.post("/bookings", json=asked, headers=me)

    held = (await slots(client, offering))["items"]
    clock.forward(minutes=15)
    lapsed = (await slots(client, offering))["items"]

    assert (len(held), len(lapsed)) == (0, 1)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"from": MONDAY, "to": "2030-05-05"}, "#/to"),
        ({"from": MONDAY, "to": "2030-03-03"}, "#/to"),
        ({"from": MONDAY}, "#/to"),
        ({"from": "2030-02-30", "to": MONDAY}, "#/from"),
        ({"from": "2030-02-29", "to": MONDAY}, "#/from"),
        ({"from": "2031-02-28", "to": "2031-02-29"}, "#/to"),
        ({"from": "2030-02-28T24:00", "to": MONDAY}, "#/from"),
        ({"from": "0001-01-01", "to": MONDAY}, "#/from"),
        ({"from": "0000-01-01", "to": MONDAY}, "#/from"),
        ({"from": "1898812800", "to": MONDAY}, "#/from"),
        ({"from": f"{MONDAY}T00:00:00Z", "to": MONDAY}, "#/from"),
        ({"from": MONDAY, "to": "9999-12-31"}, "#/to"),
        ({"from": "9999-12-31", "to": MONDAY}, "#/from"),
        ({"from": MONDAY, "to": "2199-12-31"}, "#/to"),
        ({"from": MONDAY, "to": MONDAY, "timezone": "Mars/Olympus"}, "#/timezone"),
        ({"from": MONDAY, "to": MONDAY, "timezone": ""}, "#/timezone"),
        ({"from": MONDAY, "to": MONDAY, "timezone": "../UTC"}, "#/timezone"),
        ({"from": MONDAY, "to": MONDAY, "timezone": "+02:00"}, "#/timezone"),
        ({"from": MONDAY, "to": MONDAY, "timezone": "localtime"}, "#/timezone"),
        ({"from": MONDAY, "to": MONDAY, "provider_id": "7"}, "#/provider_id"),
        ({"from": MONDAY, "to": MONDAY, "days": "7"}, "#/days"),
    ],
)
async def test_bad_input_is_a_422_that_points_at_the_field(client, connection, query, pointer):
    offering = await make_offering(connection)

    answer = await client.get(f"/services/{offering.id}/slots", params=query)

    assert answer.status_code == 422, answer.json()
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("day", ["1970-01-01", "2028-02-29", "2199-12-31"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12", None])
async def test_a_day_far_away_has_no_free_time_and_breaks_nothing(client, connection, day, zone):
    provider = await make_provider(connection, timezone="Pacific/Kiritimati")
    offering = await make_offering(connection, provider)
    query = {"timezone": zone} if zone else {}

    assert (await slots(client, offering, day, day, **query))["items"] == []


async def test_a_leap_day_is_a_day_like_any_other(client, connection, clock):
    clock.now = datetime(2032, 2, 1, tzinfo=UTC)
    provider = await make_provider(connection, weekly=[[6, 540, 600]])
    offering = await make_offering(connection, provider)

    found = (await slots(client, offering, "2032-02-28", "2032-03-01"))["items"]

    assert [slot["starts_at"] for slot in found] == ["2032-02-29T09:00:00Z"]


async def test_hours_until_midnight_and_from_midnight_are_one_stretch(client, connection):
    provider = await make_provider(connection, weekly=[[0, 1380, 1440], [1, 0, 60]])
    offering = await make_offering(connection, provider, duration_minutes=120)

    found = (await slots(client, offering, MONDAY, "2030-03-05"))["items"]

    assert [slot["starts_at"] for slot in found] == ["2030-03-04T23:00:00Z"]


async def test_sixty_two_days_are_allowed(client, connection):
    offering = await make_offering(connection)

    assert (await slots(client, offering, "2030-03-04", "2030-05-04"))["items"]


async def test_what_cannot_be_booked_has_no_slots_page(client, connection):
    draft = await make_offering(connection, status=OfferingStatus.DRAFT)
    away = await make_provider(connection, status=ProviderStatus.INACTIVE)
    unperformed = await make_offering(connection, away)
    query = {"from": MONDAY, "to": MONDAY}

    hidden = await client.get(f"/services/{draft.id}/slots", params=query)
    unknown = await client.get(f"/services/{uuid4()}/slots", params=query)

    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert (await slots(client, unperformed))["items"] == []
