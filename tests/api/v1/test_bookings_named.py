"""Whose bookings they are: told to those they are with, in the statement that reads them."""

import asyncpg
import pytest

from app.bootstrap import Doors
from app.core.database import SESSION, Database, speak_json
from app.domain.roles import Role
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.statements import Watched

DAY = 24 * 60


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def offering(connection, provider):
    return await make_offering(
        connection, provider, name="Fade", free_until_minutes=DAY, late_fee_percent=50
    )


@pytest.fixture
async def ada(connection):
    return await make_user(connection, full_name="Ada Lovelace")


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


@pytest.fixture
async def them(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def booked(client, offering, me):
    wanted = {"service_id": str(offering.id), "starts_at": at(120).isoformat()}
    made = await client.post("/bookings", json=wanted, headers=me)
    assert made.status_code == 201
    return made.json()


def names(answer) -> tuple[str | None, str | None]:
    assert answer.status_code == 200, answer.text
    told = answer.json()
    told = told if "id" in told else told["items"][0]
    return told["service_name"], told["customer_name"]


async def test_who_performs_it_and_staff_see_whose_it_is_and_the_customer_what_they_made(
    client, connection, adapters, booked, me, them
):
    staff = await sign_in(connection, adapters, Role.MANAGEMENT)
    path = f"/bookings/{booked['id']}"

    assert names(await client.get(path, headers=them)) == ("Fade", "Ada Lovelace")
    assert names(await client.get(path, headers=staff)) == ("Fade", "Ada Lovelace")
    assert names(await client.get("/bookings?scope=provider", headers=them)) == (
        "Fade",
        "Ada Lovelace",
    )
    assert names(await client.get("/bookings?scope=all", headers=staff)) == ("Fade", "Ada Lovelace")
    assert names(await client.get(path, headers=me)) == ("Fade", None)
    assert (await client.get(path, headers=me)).json() == booked
    assert (await client.get("/bookings", headers=me)).json()["items"] == [booked]


@pytest.mark.parametrize("what", ["reschedule", "cancel"])
async def test_what_is_done_with_it_is_answered_the_same_way(client, booked, me, them, what):
    body = {"starts_at": at(600).isoformat()} if what == "reschedule" else None
    path = f"/bookings/{booked['id']}"

    done = await client.post(f"{path}/{what}", json=body, headers=them)
    shown = await client.get(path, headers=them)

    assert names(done) == names(shown) == ("Fade", "Ada Lovelace")


async def test_who_performs_it_deletes_what_they_saw(client, booked, them):
    path = f"/bookings/{booked['id']}"
    tag = (await client.get(path, headers=them)).headers["ETag"]

    deleted = await client.delete(path, headers={**them, "If-Match": tag})

    assert names(deleted) == ("Fade", "Ada Lovelace")


async def test_a_customer_without_a_name_has_none(client, connection, offering, provider, them):
    nobody = await make_user(connection, full_name=None)
    await make_booking(connection, nobody.id, offering, provider, starts_at=at(60))

    assert names(await client.get("/bookings?scope=provider", headers=them)) == ("Fade", None)


async def test_the_service_keeps_the_name_it_was_booked_under(client, booked, offering, them):
    path = f"/services/{offering.id}"
    renamed = await client.patch(path, json={"name": "Clipper cut"}, headers=them)

    assert renamed.status_code == 200
    assert names(await client.get(f"/bookings/{booked['id']}", headers=them))[0] == "Fade"


async def test_what_a_late_cancellation_costs_stays_with_the_booking(client, booked, me):
    assert booked["late_fee"] is None
    path = f"/bookings/{booked['id']}"

    cancelled = (await client.post(f"{path}/cancel", headers=me)).json()

    assert cancelled["late_fee"] == cancelled["refund"]["fee"]
    assert cancelled["late_fee"] == {"amount": 2250, "currency": "EUR"}
    assert (await client.get(path, headers=me)).json()["late_fee"] == cancelled["late_fee"]


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


async def test_a_providers_day_is_one_statement_however_many_customers(watched, adapters):
    database = Database(watched)
    async with database.read() as connection:
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        them = await sign_in(connection, adapters, user_id=provider.user_id)
        for hour in range(12):
            customer = await make_user(connection, full_name=f"Customer {hour:02}")
            await make_booking(connection, customer.id, offering, provider, starts_at=at(hour * 60))
    day = {"from": at(0).isoformat(), "to": at(DAY).isoformat(), "limit": 100}
    async with client_of(Doors(database, adapters)) as client:
        await client.get("/profile", headers=them)  # from now on they are known
        watched.sent.clear()
        answer = await client.get("/bookings", params={"scope": "provider", **day}, headers=them)
        theirs = list(watched.sent)
        watched.sent.clear()
        await client.get("/bookings", params=day, headers=them)

    told = [item["customer_name"] for item in answer.json()["items"]]
    assert told == [f"Customer {hour:02}" for hour in range(12)]
    assert {item["service_name"] for item in answer.json()["items"]} == {"Haircut"}
    assert len(theirs) == 1
    assert [sql.count("full_name") for sql in (*theirs, *watched.sent)] == [1, 0]
