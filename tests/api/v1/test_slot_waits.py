"""Waiting for a time that is booked: offered in order, kept for a time, used once."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from unittest.mock import AsyncMock
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.offerings import Offering
from app.domain.providers import Provider
from app.domain.roles import Role
from app.domain.slot_waits import SlotOffered
from app.models import SlotWaits
from app.repositories.bookings import BookingRepository
from app.repositories.providers import ProviderRepository
from app.services.hours import HoursService
from app.tasks.slot_waits import look_for_free_time
from tests.conftest import settings_in
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW
from tests.factories.jobs import announced, deliver_all
from tests.factories.mail import letters
from tests.factories.races import at_once, until_somebody_waits
from tests.factories.waits import make_wait

ONE_HOUR = [[day, 780, 840] for day in range(7)]  # 13:00 to 14:00
TODAY, TOMORROW = "2030-03-01", "2030-03-02"
TIME = f"{TODAY}T13:00:00Z"
OFFERS = Query(
    select(SlotWaits.user_id, SlotWaits.offer_starts_at).where(SlotWaits.status == "offered"),
    lambda *row: row,
)


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path).model_copy(update={"waitlist_offer_seconds": 30 * 60})


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, weekly=ONE_HOUR)


@pytest.fixture
async def offering(connection, provider):
    return await make_offering(connection, provider)


@pytest.fixture
async def me(connection, adapters):
    return await sign_in(connection, adapters)


@pytest.fixture
async def other(connection, adapters):
    return await sign_in(connection, adapters)


@pytest.fixture
async def booked(client, offering, connection, adapters):
    """Let somebody have the one time of the day, and return what gives it back."""
    theirs = await sign_in(connection, adapters)
    made = await client.post("/bookings", headers=theirs, json=body(offering))
    assert made.status_code == 201, made.text

    async def cancel():
        path = f"/bookings/{made.json()['id']}/cancel"
        assert (await client.post(path, headers=theirs)).status_code == 200

    return cancel


def body(offering, starts_at=TIME, **more):
    return {"service_id": str(offering.id), "starts_at": starts_at, **more}


async def join(client, headers, offering, first=TODAY, last=TODAY, **more):
    path = f"/services/{offering.id}/waitlist"
    return await client.post(path, headers=headers, json={"from": first, "to": last, **more})


async def mine(client, headers, offering):
    path = f"/services/{offering.id}/waitlist?sort=-created_at"
    return (await client.get(path, headers=headers)).json()["items"]


async def slots(client, offering, day=TODAY):
    found = await client.get(f"/services/{offering.id}/slots?from={day}&to={day}")
    return [one["starts_at"] for one in found.json()["items"]]


async def settle(doors):
    await doors.perform(look_for_free_time)
    await deliver_all(doors)


async def test_what_comes_free_is_kept_for_who_waits_and_for_nobody_else(
    client, doors, offering, booked, me, other
):
    joined = await join(client, me, offering)
    assert joined.status_code == 201, joined.text
    assert joined.json()["status"] == "waiting"
    assert (joined.json()["from"], joined.json()["windows"]) == (TODAY, [])

    await booked()
    await deliver_all(doors)

    (wait,) = await mine(client, me, offering)
    assert (wait["status"], wait["offer_starts_at"]) == ("offered", TIME)
    assert wait["offer_expires_at"] == "2030-03-01T12:30:00Z"
    assert await slots(client, offering) == []
    refused = await client.post("/bookings", headers=other, json=body(offering))
    assert (refused.status_code, refused.json()["code"]) == (409, "slot-unavailable")
    taken = await client.post("/bookings", headers=me, json=body(offering))
    assert taken.status_code == 201, taken.text
    await settle(doors)
    (wait,) = await mine(client, me, offering)
    assert (wait["status"], wait["booking_id"]) == ("taken", taken.json()["id"])


async def test_it_is_offered_in_order_and_goes_to_the_next_when_it_lapses(
    client, doors, clock, offering, booked, me, other
):
    for headers in (me, other):
        assert (await join(client, headers, offering)).status_code == 201
    await booked()
    await deliver_all(doors)
    assert (await mine(client, other, offering))[0]["status"] == "waiting"

    clock.forward(minutes=31)
    assert (await mine(client, me, offering))[0]["status"] == "lapsed"
    await settle(doors)

    assert (await mine(client, me, offering))[0]["status"] == "lapsed"
    (wait,) = await mine(client, other, offering)
    assert wait["status"] == "offered"
    assert wait["offer_expires_at"] == TIME  # when it begins, which is sooner
    late = await client.post("/bookings", headers=me, json=body(offering))
    assert late.json()["code"] == "slot-unavailable"


async def test_who_booked_just_in_time_has_it_however_late_that_is_noted(
    client, doors, clock, offering, booked, me
):
    await join(client, me, offering)
    await booked()
    await deliver_all(doors)
    taken = await client.post("/bookings", headers=me, json=body(offering))
    clock.forward(minutes=31)

    await settle(doors)

    (wait,) = await mine(client, me, offering)
    assert (wait["status"], wait["booking_id"]) == ("taken", taken.json()["id"])


async def test_who_leaves_lets_the_next_have_it(client, doors, offering, booked, me, other):
    for headers in (me, other):
        await join(client, headers, offering)
    await booked()
    await deliver_all(doors)
    path = f"/services/{offering.id}/waitlist"

    assert (await client.delete(path, headers=me)).status_code == 204
    await deliver_all(doors)

    assert (await mine(client, other, offering))[0]["status"] == "offered"
    again = await client.delete(path, headers=me)
    assert (again.status_code, again.json()["code"]) == (404, "not-on-waitlist")


async def test_nobody_waits_for_what_is_free_or_waits_twice(client, offering, booked, me):
    free = await join(client, me, offering, first=TODAY, last=TOMORROW)
    assert (free.status_code, free.json()["code"]) == (409, "slots-available")
    assert free.json()["alternatives"][0]["starts_at"] == f"{TOMORROW}T13:00:00Z"

    assert (await join(client, me, offering)).status_code == 201
    twice = await join(client, me, offering)
    assert (twice.status_code, twice.json()["code"]) == (409, "already-waiting")


@pytest.mark.parametrize(
    ("window", "suits"),
    [
        (("13:00", "13:30"), True),
        (("12:00", "13:00"), False),
        (("13:15", "24:00"), False),
        (("22:00", "13:15"), True),
        (("00:00", "24:00"), True),
    ],
)
async def test_only_what_begins_in_the_wanted_hours_suits(
    client, doors, offering, booked, me, window, suits
):
    wanted = {"start": window[0], "end": window[1]}
    assert (await join(client, me, offering, windows=[wanted])).json()["windows"] == [wanted]

    await booked()
    await deliver_all(doors)

    status = (await mine(client, me, offering))[0]["status"]
    assert status == ("offered" if suits else "waiting")


async def test_with_whom_is_a_matter_of_choice(
    client, connection, doors, provider, booked, offering, me
):
    elsewhere = await make_provider(connection, weekly=[[0, 0, 60]])
    unknown = await join(client, me, offering, provider_id=str(elsewhere.id))
    assert (unknown.status_code, unknown.json()["code"]) == (404, "service-not-found")

    assert (await join(client, me, offering, provider_id=str(provider.id))).status_code == 201
    await booked()
    await deliver_all(doors)

    assert (await mine(client, me, offering))[0]["offered_provider_id"] == str(provider.id)


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": TOMORROW, "to": TODAY},
        {"from": TODAY, "to": "2031-03-01"},
        {"from": "2020-03-01", "to": "2020-03-02"},
        {"from": "2040-03-01", "to": "2040-03-02"},
        {"from": TODAY},
        {"from": TODAY, "to": "soon"},
        {"from": TODAY, "to": TODAY, "windows": [{"start": "25:00", "end": "26:00"}]},
        {"from": TODAY, "to": TODAY, "windows": [{"start": "10:00", "end": "11:00"}] * 51},
        {"from": TODAY, "to": TODAY, "provider_id": "me"},
        {"from": TODAY, "to": TODAY, "user_id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"},
    ],
    ids=str,
)
async def test_what_is_no_wish_is_refused(client, offering, me, wrong):
    answer = await client.post(f"/services/{offering.id}/waitlist", headers=me, json=wrong)

    assert answer.status_code == 422


async def test_everybody_is_seen_by_the_owner_and_others_see_themselves(
    client, connection, adapters, provider, offering, booked, me, other
):
    for headers in (me, other):
        await join(client, headers, offering)
    owner = await sign_in(connection, adapters, user_id=provider.user_id)

    assert len(await mine(client, owner, offering)) == 2
    assert len(await mine(client, me, offering)) == 1
    nothing = await client.get(f"/services/{uuid4()}/waitlist", headers=me)
    assert nothing.status_code == 404


async def test_they_are_told_once_until_when_it_is_kept(
    client, connection, adapters, doors, offering, booked
):
    user = await make_user(connection)
    me = await sign_in(connection, adapters, user_id=user.id)
    wait_id = (await join(client, me, offering)).json()["id"]
    await booked()

    await deliver_all(doors)
    await doors.perform(lambda services: services.announcements.tell_slot_offered(wait_id))
    await deliver_all(doors)

    (letter,) = await letters(doors, user.email)
    assert letter.subject == "A time came free for you"
    assert "Haircut" in letter.text
    assert letter.text.count("(Coordinated Universal Time)") == 2
    assert f"http://test/services/{offering.id}" in letter.text


async def test_nobody_is_told_of_what_is_kept_no_longer(
    client, connection, adapters, doors, clock, provider, offering, booked
):
    user = await make_user(connection)
    me = await sign_in(connection, adapters, user_id=user.id)
    await join(client, me, offering)
    await booked()
    await offer(doors, provider.id)
    assert any(isinstance(one, SlotOffered) for one in await announced(connection))
    clock.forward(minutes=31)

    await deliver_all(doors)

    assert await letters(doors, user.email) == []


async def test_who_is_erased_waits_no_longer(
    client, connection, adapters, doors, offering, booked, me, other
):
    gone = await make_user(connection)
    theirs = await sign_in(connection, adapters, user_id=gone.id)
    for headers in (theirs, me):
        await join(client, headers, offering)
    await booked()
    await deliver_all(doors)
    assert (await mine(client, theirs, offering))[0]["status"] == "offered"
    admin = await sign_in(connection, adapters, Role.ADMIN)

    erased = await client.delete(f"/admin/users/{gone.id}", headers=admin)
    await deliver_all(doors)

    assert erased.status_code == 204, erased.text
    assert [user_id for user_id, _ in await connection.all(OFFERS)] != [gone.id]
    assert (await mine(client, me, offering))[0]["status"] == "offered"


async def test_a_time_is_not_offered_twice_whoever_tries(connection, provider, offering):
    made = await make_wait(connection, offering, provider, starts_at=NOW + timedelta(hours=1))

    with pytest.raises(asyncpg.ExclusionViolationError):
        await make_wait(connection, offering, provider, starts_at=made + timedelta(minutes=30))


async def offer(doors, provider_id):
    await doors.perform(lambda services: services.slot_waits.offer_time_of(provider_id))


@dataclass
class Line:
    """Somebody who waits for a provider's one time, which is free."""

    provider: Provider
    offering: Offering
    other: dict[str, str]


@pytest.fixture
async def line(real_client, real_doors, adapters):
    async with real_doors.database.read() as connection:
        provider = await make_provider(connection, weekly=ONE_HOUR)
        offering = await make_offering(connection, provider)
        me, other = [await sign_in(connection, adapters) for _ in range(2)]
    taken = await real_client.post("/bookings", headers=other, json=body(offering))
    assert (await join(real_client, me, offering)).status_code == 201
    await real_client.post(f"/bookings/{taken.json()['id']}/cancel", headers=other)
    return Line(provider, offering, other)


async def offers(doors):
    async with doors.database.read() as connection:
        return len(await connection.all(OFFERS))


async def test_of_several_workers_one_offers_it(real_doors, line):
    await at_once(real_doors, *(offer(real_doors, line.provider.id) for _ in range(4)))

    assert await offers(real_doors) == 1


@pytest.fixture
def offered_meanwhile(real_doors, line, monkeypatch):
    """Have the time offered while somebody else, to whom it was free, books it."""
    add = BookingRepository.add
    begun = []

    async def late(self, *given, **named):
        if not begun:
            begun.append(self)
            await offer(real_doors, line.provider.id)
        return await add(self, *given, **named)

    monkeypatch.setattr(BookingRepository, "add", late)


async def test_who_books_while_it_is_offered_does_not_get_it(
    real_client, real_doors, line, offered_meanwhile
):
    late = await real_client.post("/bookings", headers=line.other, json=body(line.offering))

    assert (late.status_code, late.json()["code"]) == (409, "slot-unavailable")
    assert await offers(real_doors) == 1


async def test_did_the_hours_not_change_with_the_offer_they_would(
    real_client, real_doors, line, offered_meanwhile, monkeypatch
):
    async def unchanged(self, provider_id):
        return None

    monkeypatch.setattr(HoursService, "changed", unchanged)

    late = await real_client.post("/bookings", headers=line.other, json=body(line.offering))

    assert late.status_code == 201
    assert await offers(real_doors) == 1  # of a time that is another's


async def booking_meanwhile(doors, line, adapters):
    """Book the time, and let it be offered before that is committed; return the offers."""
    async with doors.writing() as services:
        customer = actor_of(await make_user(services.bookings.bookings.connection))
        starts_at = NOW + timedelta(hours=1)
        await services.bookings.book(customer, line.offering.id, starts_at=starts_at)
        offering = asyncio.create_task(offer(doors, line.provider.id))
        waiting = asyncio.create_task(until_somebody_waits(doors))
        await asyncio.wait([offering, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    await offering
    return await offers(doors)


async def test_what_is_being_booked_is_not_offered(real_doors, line, adapters):
    assert await booking_meanwhile(real_doors, line, adapters) == 0


async def test_without_the_lock_on_the_provider_it_would_be(
    real_doors, line, adapters, monkeypatch
):
    monkeypatch.setattr(ProviderRepository, "lock", ProviderRepository.get)
    monkeypatch.setattr(HoursService, "changed", AsyncMock())

    assert await booking_meanwhile(real_doors, line, adapters) == 1
