"""Loading the demo: once, the same every time, and never where it doesn't belong."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from app.bootstrap import Adapters, Doors, Services
from app.core.config import Environment
from app.core.database import Connection, Database
from app.core.statements import Command, Query
from app.domain import demo
from app.domain.bookings import BookingStatus
from app.domain.demo import DemoClash, DemoRefused
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.domain.walltime import instant
from app.models import Model, Offerings
from tests.conftest import client_of
from tests.factories.accounts import actor_of, make_user
from tests.factories.catalog import make_category
from tests.factories.clock import Clock
from tests.factories.events import ensure_counted
from tests.factories.jobs import announced


def dump_of(table: type[Model]) -> Query[tuple]:
    written = [column for column in table.__table__.c if column.computed is None]
    return Query(select(*written).order_by(*table.__table__.primary_key), lambda *row: row)


DUMPS = [dump_of(mapper.class_) for mapper in Model.registry.mappers]
RAISE_PRICES = Command(update(Offerings).values(price_amount=Offerings.price_amount + 100))


async def dump(connection: Connection) -> list[list[tuple]]:
    return [await connection.all(query) for query in DUMPS]


@pytest.fixture
async def loaded(doors: Doors) -> None:
    await doors.perform(lambda services: services.demo.load())


async def test_loading_again_days_later_changes_nothing(
    doors: Doors, connection: Connection, clock: Clock, loaded: None
):
    before = await dump(connection)

    clock.forward(days=9, hours=5)
    await doors.perform(lambda services: services.demo.load())

    assert await dump(connection) == before
    assert sum(map(len, before)) > 80


async def test_what_was_changed_meanwhile_stays(doors: Doors, connection: Connection, loaded: None):
    await connection.run(RAISE_PRICES)
    before = await dump(connection)

    await doors.perform(lambda services: services.demo.load())

    assert await dump(connection) == before


async def test_nobody_gets_a_letter_about_it(connection: Connection, loaded: None):
    assert await announced(connection) == []


@pytest.mark.parametrize("offering", demo.OFFERINGS, ids=lambda offering: offering.name)
async def test_every_service_has_free_slots_in_two_weeks_and_is_booked_on_its_terms(
    services: Services, connection: Connection, clock: Clock, loaded: None, offering
):
    first = clock().date()
    _, slots = await services.availability.slots(
        offering.id, first=first, last=first + timedelta(days=13)
    )
    newcomer = actor_of(await make_user(connection))

    booking = await services.bookings.book(
        newcomer, offering.id, starts_at=instant(slots[0].starts[0])
    )

    at_once = not offering.approval_required and offering.payment is not PaymentTerms.PREPAID
    assert booking.status is (BookingStatus.CONFIRMED if at_once else BookingStatus.PENDING)


@pytest.mark.parametrize("account", demo.ACCOUNTS, ids=lambda account: account.name)
async def test_everybody_of_the_demo_can_log_in(
    client: httpx.AsyncClient, loaded: None, account: demo.DemoAccount
):
    answer = await client.post(
        "/auth/login", json={"email": account.email, "password": account.password}
    )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    profile = (await client.get("/profile", headers=headers)).json()

    assert account.role in profile["roles"]
    assert profile["email_verified"]
    assert (profile["provider_id"] is not None) == (account.role is Role.PROVIDER)


async def test_seats_of_the_demo_are_counted_and_one_event_is_sold_out(
    client: httpx.AsyncClient, connection: Connection, loaded: None
):
    await ensure_counted(connection)
    found = (await client.get("/events", params={"has_seats": False})).json()["items"]

    assert [event["title"] for event in found] == ["Songs between the mirrors"]
    assert len((await client.get("/events")).json()["items"]) == 8


async def test_it_is_wanted_until_somebody_has_an_account(
    services: Services, connection: Connection
):
    wanted = await services.demo.is_wanted()
    await make_user(connection)

    assert (wanted, await services.demo.is_wanted()) == (True, False)


async def test_it_is_not_wanted_twice(services: Services, loaded: None):
    assert not await services.demo.is_wanted()


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.TEST])
async def test_outside_of_development_it_is_refused_and_writes_nothing(
    database: Database, connection: Connection, adapters: Adapters, environment: Environment
):
    settings = adapters.settings.model_copy(update={"environment": environment})
    doors = Doors(database, replace(adapters, settings=settings))

    with pytest.raises(DemoRefused):
        await doors.perform(lambda services: services.demo.load())

    async with doors.reading() as services:
        assert not await services.demo.is_wanted()
    assert not any(await dump(connection))


async def test_where_somebody_has_an_address_of_it_nothing_is_loaded(
    doors: Doors, connection: Connection
):
    await make_user(connection, email=demo.ACCOUNTS[-1].email)
    before = await dump(connection)

    with pytest.raises(DemoClash):
        await doors.perform(lambda services: services.demo.load())

    assert await dump(connection) == before


async def test_where_a_category_has_a_slug_of_it_nothing_is_loaded(
    doors: Doors, connection: Connection
):
    await make_category(connection, slug="nails")
    before = await dump(connection)

    with pytest.raises(DemoClash):
        await doors.perform(lambda services: services.demo.load())

    assert await dump(connection) == before


async def test_staff_see_every_booking_of_it_and_providers_their_own(
    doors: Doors, adapters: Adapters, loaded: None
):
    counts = {}
    async with client_of(doors) as client:
        for name, scope in (("oskar", "all"), ("sofia", "provider"), ("emil", "mine")):
            answer = await client.post(
                "/auth/login",
                json={"email": f"{name}@demo.example.com", "password": demo.PASSWORD},
            )
            headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
            page = await client.get(
                "/bookings", params={"scope": scope, "include_total": "true"}, headers=headers
            )
            counts[name] = page.json()["total"]

    assert counts["oskar"] > counts["emil"] > counts["sofia"] > 0
