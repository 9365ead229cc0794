"""Many who want the same seats at the same time."""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import Integer, bindparam, func, select, update

from app.bootstrap import Doors
from app.core.statements import Command, Query
from app.domain.events import Event, TicketType
from app.domain.roles import Role
from app.models import Bookings, EventCapacity, Tickets
from app.repositories import event_bookings as repository
from app.repositories.event_bookings import EventBookingRepository
from app.tasks.cleanup import settle_events
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW, Clock
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.races import at_once, meeting

TAKEN = Query(
    select(EventCapacity.taken).where(EventCapacity.event_id == bindparam("event_id")), int
)
SEATS = Query(select(func.coalesce(func.sum(Bookings.seats), 0)), int)
RAISE_VERSION = Command(update(EventCapacity).values(version=EventCapacity.version + 1))
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
TICKET = Query(select(Tickets.id).limit(1), lambda id_: id_)


@dataclass
class World:
    doors: Doors
    client: httpx.AsyncClient
    event: Event
    types: list[TicketType]
    people: list[dict[str, str]]

    async def book(self, who: int, **asked: Any) -> httpx.Response:
        body = {"event_id": str(self.event.id), **asked}
        headers = self.people[who % len(self.people)]
        return await self.client.post("/bookings", json=body, headers=headers)

    async def wait(self, who: int, seats: int = 1) -> httpx.Response:
        path = f"/events/{self.event.id}/waitlist"
        headers = self.people[who % len(self.people)]
        return await self.client.post(path, json={"seats": seats}, headers=headers)

    async def leave(self, who: int) -> httpx.Response:
        path = f"/events/{self.event.id}/waitlist"
        return await self.client.delete(path, headers=self.people[who % len(self.people)])

    async def cancel(self, who: int, booking: dict[str, Any]) -> httpx.Response:
        path = f"/bookings/{booking['id']}/cancel"
        return await self.client.post(path, headers=self.people[who % len(self.people)])

    async def taken(self) -> int:
        async with self.doors.database.read() as connection:
            return await connection.first(TAKEN, event_id=self.event.id)

    async def ensure_counted(self) -> None:
        async with self.doors.database.read() as connection:
            await ensure_counted(connection)


@pytest.fixture
def world(real_doors, real_client, adapters):
    """What makes an event, with people who may book it."""

    async def make(people: int = 4, **changes: Any) -> World:
        async with real_doors.database.transaction() as transaction:
            organizer = await make_user(transaction, Role.ORGANIZER)
            event, types = await make_event(transaction, organizer.id, now=NOW, **changes)
            headers = [await sign_in(transaction, adapters) for _ in range(people)]
        return World(real_doors, real_client, event, types, headers)

    return make


def statuses(answers) -> list[int]:
    return sorted(answer.status_code for answer in answers)


async def test_a_storm_never_takes_more_than_there_are(world):
    one = await world(people=40, seats=50)
    wanted = [random.Random(number).randint(1, 3) for number in range(160)]

    answers = await at_once(
        one.doors, *(one.book(number, seats=seats) for number, seats in enumerate(wanted))
    )

    assert set(statuses(answers)) == {201, 409}
    sold = sum(answer.json()["seats"] for answer in answers if answer.status_code == 201)
    assert sold == await one.taken() <= 50
    for number in range(50 - sold):
        assert (await one.book(number, seats=1)).status_code == 201
    assert (await one.book(0, seats=1)).json()["available"] == 0
    await one.ensure_counted()


async def test_a_storm_on_types_never_takes_more_of_one_than_there_are(world):
    types = [ticket_type("A", 0, 7), ticket_type("B", 0, 9), ticket_type("C")]
    one = await world(people=20, seats=20, types=types)

    def asked(number: int) -> dict[str, Any]:
        chosen = random.Random(number).sample(one.types, 2)
        return {"tickets": [{"ticket_type_id": str(each.id), "quantity": 1} for each in chosen]}

    answers = await at_once(one.doors, *(one.book(number, **asked(number)) for number in range(60)))

    assert set(statuses(answers)) == {201, 409}
    await one.ensure_counted()


@pytest.fixture
async def unguarded(url):
    """A database that lets a counter be anything."""
    connection = await asyncpg.connect(url)
    found = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1"
    guard = await connection.fetchval(found, "ck_event_capacity_taken")
    await connection.execute("ALTER TABLE event_capacity DROP CONSTRAINT ck_event_capacity_taken")
    yield
    await connection.execute("SET session_replication_role = replica")  # what is append-only too
    await connection.execute("TRUNCATE events CASCADE")
    await connection.execute(
        f"ALTER TABLE event_capacity ADD CONSTRAINT ck_event_capacity_taken {guard}"
    )
    await connection.close()


async def for_one_seat(one: World) -> list[int]:
    return statuses(await at_once(one.doors, one.book(0, seats=1), one.book(1, seats=1)))


async def test_of_two_who_have_seen_the_last_seat_one_gets_it(world, monkeypatch):
    together = meeting(EventBookingRepository.add)
    monkeypatch.setattr(EventBookingRepository, "add", together)
    one = await world(seats=1)

    assert await for_one_seat(one) == [201, 409]
    await one.ensure_counted()


async def test_control_without_the_guard_both_get_it(world, unguarded, monkeypatch):
    together = meeting(EventBookingRepository.add)
    monkeypatch.setattr(EventBookingRepository, "add", together)
    monkeypatch.setattr(repository, "CLAIM", repository.claiming(*repository.OF_EVENT))

    one = await world(seats=1)

    assert await for_one_seat(one) == [201, 201]
    assert await one.taken() == 2


def held_back(monkeypatch) -> tuple[asyncio.Event, asyncio.Event]:
    """Stop the first who would take seats, until told to go on."""
    add, stopped, go_on = EventBookingRepository.add, asyncio.Event(), asyncio.Event()

    async def later(self, *given):
        if not stopped.is_set():
            stopped.set()
            await asyncio.wait_for(go_on.wait(), 5)
        return await add(self, *given)

    monkeypatch.setattr(EventBookingRepository, "add", later)
    return stopped, go_on


async def past_one_who_waits(one: World, monkeypatch) -> int:
    """See a seat free, and take it once somebody waits for two and one of them came free."""
    stopped, go_on = held_back(monkeypatch)
    async with asyncio.TaskGroup() as tasks:
        late = tasks.create_task(one.book(0, seats=1))
        await stopped.wait()
        booking = (await one.book(1, seats=2)).json()
        assert (await one.wait(2, seats=2)).status_code == 201
        async with one.doors.database.read() as connection:
            ticket_id = await connection.first(TICKET)
        path = f"/bookings/{booking['id']}/tickets/{ticket_id}"
        given_back = await one.client.request("DELETE", path, headers=one.people[1])
        assert given_back.status_code == 200, given_back.text
        go_on.set()
    return late.result().status_code


async def test_a_freed_seat_never_goes_past_one_who_waits(world, monkeypatch):
    one = await world(seats=2)

    assert await past_one_who_waits(one, monkeypatch) == 409
    await one.ensure_counted()


async def test_control_without_asking_who_waits_it_does(world, monkeypatch):
    guards = [*repository.OF_EVENT, repository.HAS_ROOM]
    monkeypatch.setattr(repository, "CLAIM", repository.claiming(*guards))
    one = await world(seats=2)

    assert await past_one_who_waits(one, monkeypatch) == 201


async def at_another_price(one: World, monkeypatch) -> int:
    stopped, go_on = held_back(monkeypatch)
    async with asyncio.TaskGroup() as tasks:
        late = tasks.create_task(one.book(0, seats=1))
        await stopped.wait()
        async with one.doors.database.transaction() as transaction:
            await transaction.run(RAISE_VERSION)
            await transaction.run(RAISE_PRICE)
        go_on.set()
    return late.result().json()["price"]["amount"]


RAISE_PRICE = Command(update(repository.TicketTypes).values(price_amount=2000))


async def test_what_changes_while_one_books_is_decided_anew(world, monkeypatch):
    one = await world(types=[ticket_type("Paid", 1000)])

    assert await at_another_price(one, monkeypatch) == 2000
    await one.ensure_counted()


async def test_control_without_a_version_it_is_sold_at_the_price_before(world, monkeypatch):
    of_any_version = EventCapacity.version >= bindparam("version", type_=Integer)
    guards = [*repository.OF_EVENT[:1], of_any_version, repository.HAS_ROOM]
    monkeypatch.setattr(repository, "CLAIM", repository.claiming(*guards))
    one = await world(types=[ticket_type("Paid", 1000)])

    assert await at_another_price(one, monkeypatch) == 1000


async def test_an_offer_is_spent_once(world):
    one = await world(seats=2)
    booking = (await one.book(0, seats=2)).json()
    await one.wait(1, seats=2)
    await one.cancel(0, booking)

    answers = await at_once(one.doors, *(one.book(1, seats=2) for _ in range(4)))

    assert statuses(answers) == [201, 409, 409, 409]
    await one.ensure_counted()


async def test_twins_with_one_key_take_seats_once(world):
    one = await world(seats=10)
    one.people = [{**headers, "Idempotency-Key": "k1"} for headers in one.people]

    answers = await at_once(one.doors, *(one.book(0, seats=2) for _ in range(6)))

    assert set(statuses(answers)) <= {201, 409}
    won = {answer.content for answer in answers if answer.status_code == 201}
    assert len(won) == 1
    assert await one.taken() == 2
    await one.ensure_counted()


async def test_a_mixed_storm_keeps_every_counter_right(world, real_doors, clock: Clock, url):
    """Booking, cancelling, waiting, leaving, lapsing holds and offers, all at once."""
    types = [ticket_type("Paid", 1000, 8), ticket_type("Free", 0)]
    one = await world(people=12, seats=16, types=types)
    connection = await asyncpg.connect(url)
    before = await connection.fetchval(DEADLOCKS)
    chance = random.Random(4)
    booked: list[tuple[int, dict[str, Any]]] = []

    async def act(number: int) -> int:
        who = number % 12
        match chance.randrange(6):
            case 0 | 1 | 2:
                type_id = str(chance.choice(one.types).id)
                wanted = [{"ticket_type_id": type_id, "quantity": chance.randint(1, 3)}]
                answer = await one.book(who, tickets=wanted)
                if answer.status_code == 201:
                    booked.append((who, answer.json()))
            case 3 if booked:
                answer = await one.cancel(*booked.pop(chance.randrange(len(booked))))
            case 4:
                answer = await one.wait(who, seats=chance.randint(1, 2))
            case _:
                answer = await one.leave(who)
        return answer.status_code

    for number in range(6):
        answers = await at_once(one.doors, *(act(number * 24 + each) for each in range(24)))
        assert set(answers) <= {200, 201, 204, 404, 409}
        await one.ensure_counted()
        clock.forward(minutes=5)
        await one.doors.perform(settle_events)
        await one.ensure_counted()

    assert await connection.fetchval(DEADLOCKS) == before
    await connection.close()
    assert clock.now - NOW == timedelta(minutes=30)
