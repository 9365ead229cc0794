"""Hours that change while somebody books, by requests that really commit."""

import asyncio

import pytest
from sqlalchemy import func, select, update

from app.api.deps import SignedIn
from app.core.errors import TransactionNeeded
from app.core.statements import Command, Query
from app.domain.roles import Role
from app.models import Bookings, Providers
from app.repositories.bookings import BookingRepository
from app.repositories.closures import ClosureRepository
from app.repositories.hours import HoursRepository
from app.repositories.overrides import OverrideRepository
from app.repositories.providers import ProviderRepository
from app.repositories.time_off import TimeOffRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.hours import make_closure, make_override, make_time_off
from tests.factories.races import at_once, until_somebody_waits

WANTED = at(3 * 24 * 60)  # Monday at noon
MONDAY = {"first_day": "2030-03-04", "name": "Stocktaking"}
AWAY = {"starts_at": "2030-03-04T00:00:00Z", "ends_at": "2030-03-05T00:00:00Z"}
BOOKED = Query(select(func.count()).select_from(Bookings), int)
VERSIONS = Query(select(Providers.hours_version), int)
UNNOTICED = Command(update(Providers).values(hours_version=0))
CLOSED = {"timezone": "UTC", "weekly": []}
DEAR = {"amount": 9900, "currency": "EUR"}


class World:
    """A provider of a service, who is there all the time, and who may change that."""

    def __init__(self, doors, client, offering, provider, me, admin) -> None:
        self.doors, self.client, self.offering, self.provider = doors, client, offering, provider
        self.me, self.admin = me, admin

    async def book(self):
        wanted = {"service_id": str(self.offering.id), "starts_at": WANTED.isoformat()}
        return await self.client.post("/bookings", json=wanted, headers=self.me)

    async def change(self, name, **more):
        method, path, body = CHANGES[name]
        path = path.format(
            provider=self.provider.id, service=self.offering.id, user=self.provider.user_id
        )
        body = body and {**body, **more}
        if name == "price":
            body["providers"][0]["provider_id"] = str(self.provider.id)
        changed = await self.client.request(method, path, json=body, headers=self.admin)
        assert changed.status_code in (200, 201, 409), changed.text
        return changed

    async def booked(self) -> int:
        async with self.doors.database.read() as connection:
            return await connection.first(BOOKED)


# What changes when somebody can be booked, or on which terms.
CHANGES = {
    "schedule": ("PUT", "/providers/{provider}/schedule", CLOSED),
    "override": ("POST", "/providers/{provider}/overrides", {"date": "2030-03-04"}),
    "time off": ("POST", "/providers/{provider}/time-off", AWAY),
    "closure": ("POST", "/closures", MONDAY),
    "terms": ("PATCH", "/providers/{provider}", {"max_horizon_days": 1}),
    "status": ("PATCH", "/admin/users/{user}", {"status": "deactivated"}),
    "staff": ("PUT", "/services/{service}/providers", {"providers": []}),
    "service": ("PATCH", "/services/{service}", {"status": "archived"}),
    "price": ("PUT", "/services/{service}/providers", {"providers": [{"price": DEAR}]}),
}
REFUSED = [name for name in CHANGES if name != "price"]
REFUSING = ["override", "time off", "closure"]


@pytest.fixture
async def world(real_doors, real_client, adapters):
    async with real_doors.database.transaction() as transaction:
        provider = await make_provider(transaction)
        offering = await make_offering(transaction, provider)
        me = await sign_in(transaction, adapters)
        admin = await sign_in(transaction, adapters, Role.ADMIN)
    return World(real_doors, real_client, offering, provider, me, admin)


@pytest.fixture
def beaten(world, monkeypatch):
    """What lets a change come between the look and the booking; the list tells of each try."""
    add, tries = BookingRepository.add, []

    def by(name, *, noticed=True):
        async def later(self, *given, **named):
            tries.append(given)
            if len(tries) == 1:
                assert (await world.change(name)).status_code in (200, 201)
                if not noticed:
                    async with world.doors.database.transaction() as transaction:
                        await transaction.run(UNNOTICED)
            return await add(self, *given, **named)

        monkeypatch.setattr(BookingRepository, "add", later)
        return tries

    return by


@pytest.mark.parametrize("name", REFUSED)
async def test_what_changes_between_the_look_and_the_booking_decides_anew(world, beaten, name):
    tries = beaten(name)

    refused = await world.book()

    assert refused.status_code == {"service": 404, "terms": 422}.get(name, 409)
    assert len(tries) == 1, "the second time it is seen before"


@pytest.mark.parametrize("name", REFUSED)
async def test_control_without_a_new_version_it_is_booked_all_the_same(world, beaten, name):
    beaten(name, noticed=False)

    assert (await world.book()).status_code == 201


@pytest.mark.parametrize(("noticed", "amount"), [(True, 9900), (False, 4500)])
async def test_a_new_price_is_the_price_and_without_a_version_it_was_not(
    world, beaten, noticed, amount
):
    tries = beaten("price", noticed=noticed)

    booked = await world.book()

    assert booked.json()["price"]["amount"] == amount
    assert len(tries) == (2 if noticed else 1)


GIVEN_BACK = {
    "override": (make_override, "/providers/{provider}/overrides/{id}"),
    "time off": (make_time_off, "/providers/{provider}/time-off/{id}"),
    "closure": (make_closure, "/closures/{id}"),
}


@pytest.mark.parametrize("name", GIVEN_BACK)
async def test_what_is_given_back_is_a_new_version_too(world, name):
    make, path = GIVEN_BACK[name]
    who = () if name == "closure" else (world.provider,)
    async with world.doors.database.transaction() as transaction:
        made = await make(transaction, *who)

    path = path.format(provider=world.provider.id, id=made.id)
    gone = await world.client.delete(path, headers=world.admin)

    assert gone.status_code == 204
    async with world.doors.database.read() as connection:
        assert await connection.all(VERSIONS) == [1]


@pytest.fixture
def meanwhile(world, monkeypatch):
    """What begins a change while a booking is made and not committed, and returns both answers.

    The booking is made in a transaction, as where there are limits: or it would be one statement.
    """
    add, begun = BookingRepository.add, []

    async def needs_more(*_):
        raise TransactionNeeded

    monkeypatch.setattr(SignedIn, "_at_once", needs_more)

    async def run(name):
        async def later(self, *given, **named):
            made = await add(self, *given, **named)
            begun.append(asyncio.create_task(world.change(name)))
            await until_somebody_waits(world.doors)
            return made

        monkeypatch.setattr(BookingRepository, "add", later)
        booked = await world.book()
        return booked.status_code, (await begun[0]).status_code

    return run


@pytest.mark.parametrize("name", REFUSING)
async def test_a_booking_that_is_being_made_is_waited_for_and_seen(meanwhile, name):
    assert await meanwhile(name) == (201, 409)


@pytest.mark.parametrize("name", REFUSING)
async def test_control_without_the_lock_a_booking_that_is_being_made_is_overlooked(
    meanwhile, monkeypatch, name
):
    async def unlocked(self):
        pass

    monkeypatch.setattr(ProviderRepository, "lock", ProviderRepository.get)
    monkeypatch.setattr(HoursRepository, "lock_all", unlocked)

    assert await meanwhile(name) == (201, 201)


WRITING = {
    "override": (OverrideRepository, "put"),
    "time off": (TimeOffRepository, "put"),
    "closure": (ClosureRepository, "add"),
}


@pytest.mark.parametrize("name", REFUSING)
async def test_a_booking_that_comes_while_it_changes_waits_and_is_refused(world, monkeypatch, name):
    repository, method = WRITING[name]
    write, begun = getattr(repository, method), []

    async def later(self, *given):
        begun.append(asyncio.create_task(world.book()))
        await until_somebody_waits(world.doors)
        return await write(self, *given)

    monkeypatch.setattr(repository, method, later)

    changed = await world.change(name)

    assert (changed.status_code, (await begun[0]).status_code) == (201, 409)
    assert await world.booked() == 0


@pytest.mark.parametrize("name", REFUSING)
async def test_of_a_booking_and_a_change_that_come_at_once_exactly_one_is_made(world, name):
    booked, changed = await at_once(world.doors, world.book(), world.change(name))

    assert {booked.status_code, changed.status_code} == {201, 409}


async def test_closing_and_reopening_while_many_book_many_ends_well(world, adapters):
    """Ten times closed by force, among bookings with whoever is free of three."""
    async with world.doors.database.transaction() as transaction:
        others = [await make_provider(transaction) for _ in range(2)]
        offering = await make_offering(transaction, world.provider, *others)
        customer = await make_user(transaction)
        them = await sign_in(transaction, adapters, user_id=customer.id)

    async def book(number):
        begins = at(24 * 60 + 30 * (number % 8))
        wanted = {"service_id": str(offering.id), "starts_at": begins.isoformat()}
        return await world.client.post("/bookings", json=wanted, headers=them)

    answers = await at_once(
        world.doors,
        *(book(number) for number in range(40)),
        *(world.change("closure", force=True) for _ in range(10)),
    )

    assert {answer.status_code for answer in answers[40:]} == {201}
    assert {answer.status_code for answer in answers[:40]} <= {201, 409}
