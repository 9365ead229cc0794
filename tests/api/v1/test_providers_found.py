"""Who is free on a day, and who is near a place."""

from datetime import date, timedelta
from math import asin, cos, radians, sin, sqrt
from random import Random

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql import insert

from app.bootstrap import Doors
from app.core.database import SESSION, Database, speak_json
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.offerings import OfferingStatus
from app.domain.places import EARTH_KM
from app.domain.providers import ProviderStatus
from app.models import Overrides, TimeOff
from app.repositories import base
from tests.conftest import client_of
from tests.factories.accounts import make_user
from tests.factories.bookings import make_booking
from tests.factories.catalog import NINE_TO_FIVE, make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.statements import Watched
from tests.factories.walks import walk

MONDAY = date(2030, 3, 4)
HOUR = 60
# What `at` counts from is a Friday noon.
MONDAY_NINE = (2 * 24 + 21) * HOUR


async def found(client, **query) -> list[str]:
    answer = await client.get("/providers", params={"limit": 100, **query})
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]]


# Free on a day


async def book_up(connection, offering, provider, *, minutes: int = MONDAY_NINE) -> None:
    """Book an hour that begins so many minutes from now."""
    customer = await make_user(connection)
    await make_booking(connection, customer.id, offering, provider, starts_at=at(minutes))


async def test_who_is_free_that_day_is_found_and_nobody_else(client, connection):
    ann = await make_provider(connection, name="Ann", weekly=[[0, 540, 600]])
    bob = await make_provider(connection, name="Bob", weekly=[[0, 540, 600]])
    await make_provider(connection, name="Cid")  # performs nothing
    dan = await make_provider(connection, name="Dan", status=ProviderStatus.INACTIVE)
    eve = await make_provider(connection, name="Eve", weekly=[])
    cut = await make_offering(connection, ann, bob, dan, eve)
    await make_offering(connection, eve, status=OfferingStatus.DRAFT)

    open_ = await found(client, available_on=MONDAY.isoformat())
    await book_up(connection, cut, ann)

    assert open_ == ["Ann", "Bob"]
    assert await found(client, available_on="2030-03-04") == ["Bob"]
    assert await found(client, available_on="2030-03-05") == []
    assert await found(client, available_on="2030-02-25") == []
    assert await found(client, available_on="2030-03-11") == ["Ann", "Bob"]
    assert await found(client, available_on="2190-03-05") == []


async def test_the_service_asked_for_is_what_must_be_free(client, connection):
    ann = await make_provider(connection, name="Ann", weekly=[[0, 540, 600]])
    bob = await make_provider(connection, name="Bob", weekly=[[0, 540, 600]])
    short = await make_offering(connection, ann, bob, duration_minutes=30)
    long = await make_offering(connection, ann, bob, duration_minutes=60)
    await book_up(connection, short, ann)
    day = MONDAY.isoformat()

    assert await found(client, available_on=day) == ["Ann", "Bob"]
    assert await found(client, available_on=day, service_id=short.id) == ["Ann", "Bob"]
    assert await found(client, available_on=day, service_id=long.id) == ["Bob"]


async def test_who_is_found_has_a_slot_in_the_list_and_who_is_not_has_none(client, connection):
    rare = Random(4)
    offerings = {}
    for number in range(24):
        zone = rare.choice(["UTC", "Pacific/Kiritimati", "Pacific/Honolulu", "Europe/Berlin"])
        provider = await make_provider(
            connection,
            name=f"{number:02}",
            timezone=zone,
            weekly=rare.choice([NINE_TO_FIVE, [[6, 1380, 1500]], [[0, 0, 60]], [[5, 600, 690]]]),
        )
        offering = await make_offering(
            connection,
            provider,
            buffer_before_minutes=rare.choice([0, 30]),
            min_notice_minutes=rare.choice([0, 4000]),
            max_horizon_days=rare.choice([2, 30]),
        )
        offerings[provider.name] = (offering, zone)
        if number % 4 == 0:
            day = {"id": new_id(), "provider_id": provider.id, "day": MONDAY}
            windows = rare.choice([[], [[600, 660]]])
            await connection.run(Command(insert(Overrides).values(**day, windows=windows)))
        if number % 3 == 0:
            away = {"starts_at": at(2 * 24 * HOUR), "ends_at": at(4 * 24 * HOUR)}
            row = {"id": new_id(), "provider_id": provider.id, **away}
            await connection.run(Command(insert(TimeOff).values(row)))
        if number % 2 == 0:
            await book_up(connection, offering, provider)

    for days in range(-1, 6):
        day = (NOW.date() + timedelta(days=days)).isoformat()
        with_slots = []
        for name, (offering, zone) in offerings.items():
            query = {"from": day, "to": day, "timezone": zone}
            slots = await client.get(f"/services/{offering.id}/slots", params=query)
            with_slots += [name] if slots.json()["items"] else []
        assert await found(client, available_on=day) == with_slots, day


@pytest.fixture
async def watched(url):
    """A pool that tells what was sent; what is done on it is taken back."""
    raw = await asyncpg.connect(url, server_settings=SESSION)
    await speak_json(raw)
    outer = raw.transaction()
    await outer.start()
    yield Watched(raw)
    await outer.rollback()
    await raw.close()


async def test_who_is_free_takes_as_many_statements_for_many_as_for_one(watched, adapters):
    database = Database(watched)
    counts = []
    async with client_of(Doors(database, adapters)) as client:
        for names in (["Ann"], [f"Name {number}" for number in range(20)]):
            async with database.read() as connection:
                for name in names:
                    provider = await make_provider(connection, name=name)
                    await make_offering(connection, provider)
                    await make_offering(connection, provider)
            watched.sent.clear()
            assert len(await found(client, available_on="2030-03-04")) >= len(names)
            counts.append(len(watched.sent))

    assert counts == [4, 4]
    assert sum("blocked_from" in sql for sql in watched.sent) == 1


@pytest.mark.parametrize("sort", ["name", "-name", "rating", "-rating"])
@pytest.mark.parametrize("batch", [1, 2, 3, 7, 128])
async def test_pages_of_who_is_free_hold_everybody_once(
    client, connection, monkeypatch, sort, batch
):
    monkeypatch.setattr(base, "BATCH", batch)
    monkeypatch.setattr(base, "BATCHES", 100)
    expected = []
    for number in range(17):
        works = number % 3 == 1 or number > 12
        provider = await make_provider(
            connection,
            name=f"Name {number:02}",
            rating_average=(number % 4) / 2,
            weekly=None if works else [],
        )
        await make_offering(connection, provider)
        expected += [provider.name] if works else []

    query = {"available_on": "2030-03-04", "sort": sort}
    walked = [item["name"] for item in await walk(client, "/providers", **query)]

    assert walked == await found(client, **query)
    assert sorted(walked) == expected


async def test_a_page_that_would_need_too_many_is_short_and_leads_on(
    client, connection, monkeypatch
):
    monkeypatch.setattr(base, "BATCH", 2)
    monkeypatch.setattr(base, "BATCHES", 2)
    for number in range(11):
        weekly = None if number in (0, 8, 9, 10) else []
        provider = await make_provider(connection, name=f"{number:02}", weekly=weekly)
        await make_offering(connection, provider)

    pages, cursor = [], {}
    while not pages or cursor:
        query = {"available_on": "2030-03-04", "limit": 2, **cursor}
        answer = (await client.get("/providers", params=query)).json()
        pages.append([item["name"] for item in answer["items"]])
        cursor = {"cursor": answer["next_cursor"]} if answer["next_cursor"] else {}

    assert pages == [["00"], [], ["08", "09"], ["10"]]


# Near a place


def kilometres(here: tuple[float, float], there: tuple[float, float]) -> float:
    (south, west), (north, east) = here, there
    half = sin(radians(north - south) / 2) ** 2 + cos(radians(south)) * cos(radians(north)) * (
        sin(radians(east - west) / 2) ** 2
    )
    return 2 * EARTH_KM * asin(min(1.0, sqrt(half)))


@pytest.mark.parametrize(
    "here", [(52.52, 13.405), (-17.0, 179.9), (65.0, -180.0), (89.5, 20.0), (-90.0, 0.0), (0, 0)]
)
async def test_all_within_the_radius_are_found_the_nearest_first(client, connection, here):
    rare, places = Random(7), {}
    for number in range(60):
        latitude = max(-90.0, min(90.0, here[0] + rare.uniform(-4, 4)))
        longitude = (here[1] + rare.uniform(-9, 9) + 180) % 360 - 180
        if abs(here[0]) > 80:
            longitude = rare.uniform(-180, 180)
        name = f"{number:02}"
        await make_provider(connection, name=name, latitude=latitude, longitude=longitude)
        places[name] = kilometres(here, (latitude, longitude))
    await make_provider(connection, name="Nowhere")
    near = f"{here[0]},{here[1]}"

    for radius in (25, 150, 500):
        wanted = sorted((far, name) for name, far in places.items() if far <= radius)
        walked = await walk(client, "/providers", limit=7, near=near, radius_km=radius)
        assert [item["name"] for item in walked] == [name for _, name in wanted]
        assert [item["distance_km"] for item in walked] == pytest.approx(
            [far for far, _ in wanted], abs=0.006
        )
    assert len(wanted) > 5


async def test_without_a_radius_near_is_twenty_five_kilometres(client, connection):
    for name, latitude in (("Here", 10.0), ("Near", 10.2), ("Far", 10.25)):
        await make_provider(connection, name=name, latitude=latitude, longitude=20.0)

    assert await found(client, near="10,20") == ["Here", "Near"]
    assert await found(client, near="10,20", sort="-name") == ["Near", "Here"]
    assert await found(client, near="10,20", radius_km=30) == ["Here", "Near", "Far"]
    assert await found(client, near="10,20", q="far", radius_km=30) == ["Far"]
    assert "distance_km" not in (await client.get("/providers")).json()["items"][0]


async def test_who_is_near_and_free_is_found_by_distance(client, connection):
    for number in range(9):
        weekly = [] if number % 2 else None
        provider = await make_provider(
            connection, name=f"{number}", weekly=weekly, latitude=10 - number / 100, longitude=20.0
        )
        await make_offering(connection, provider)

    walked = await walk(client, "/providers", limit=2, near="10,20", available_on="2030-03-04")

    assert [item["name"] for item in walked] == ["0", "2", "4", "6", "8"]
    counted = await client.get("/providers?near=10,20&include_total=true")
    assert counted.json()["total"] == 9


async def test_those_at_one_place_are_each_on_one_page(client, connection):
    names = {f"{number}" for number in range(8)}
    for name in names:
        await make_provider(connection, name=name, latitude=10.1, longitude=20.1)

    walked = await walk(client, "/providers", near="10,20")

    assert {item["name"] for item in walked} == names
    assert len(walked) == len(names)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("near=91,0", "#/near"),
        ("near=0,180.5", "#/near"),
        ("near=52.5", "#/near"),
        ("near=52.5,13.4,7", "#/near"),
        ("near=nan,0", "#/near"),
        ("near=1e1,0", "#/near"),
        ("near=५,५", "#/near"),
        ("near=", "#/near"),
        ("near=1,2&radius_km=0", "#/radius_km"),
        ("near=1,2&radius_km=-1", "#/radius_km"),
        ("near=1,2&radius_km=501", "#/radius_km"),
        ("near=1,2&radius_km=nan", "#/radius_km"),
        ("near=1,2&radius_km=inf", "#/radius_km"),
        ("near=1,2&radius_km=far", "#/radius_km"),
        ("radius_km=10", "#/radius_km"),
        ("sort=distance", "#/sort"),
        ("near=1,2&sort=-distance", "#/sort"),
        ("available_on=2030-02-29", "#/available_on"),
        ("available_on=0001-01-01", "#/available_on"),
        ("available_on=9999-12-31", "#/available_on"),
        ("available_on=tomorrow", "#/available_on"),
        ("available_on=2030-03-04T09:00:00Z", "#/available_on"),
        ("available_on=2030-03-04&include_total=true", "#/available_on"),
    ],
)
async def test_what_is_not_understood_is_pointed_at(client, query, pointer):
    answer = await client.get(f"/providers?{query}")

    assert answer.status_code == 422, answer.json()
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_cursor_of_another_place_or_day_is_a_400(client, connection):
    for number in range(3):
        provider = await make_provider(connection, latitude=10 + number / 50, longitude=20.0)
        await make_offering(connection, provider)
    for query, other in (
        ("near=10,20", "near=10,20.1"),
        ("near=10,20", "near=10,20&radius_km=30"),
        ("available_on=2030-03-04", "available_on=2030-03-05"),
    ):
        page = (await client.get(f"/providers?limit=1&{query}")).json()
        answer = await client.get(f"/providers?{other}&cursor={page['next_cursor']}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-cursor")
