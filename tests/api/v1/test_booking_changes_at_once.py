"""Bookings that are changed at the same time, by requests that really commit."""

import asyncio
from contextlib import AsyncExitStack
from time import perf_counter
from typing import Any

import asyncpg
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from app.core.statements import Command, Query
from app.models import Bookings, Providers
from app.repositories import schedules
from app.repositories.availability import AvailabilityRepository
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.bookings import BookingRepository
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.races import SOON, at_once, meeting

HOUR = 60
DAY = 24 * HOUR
ONE, OTHER = aliased(Bookings), aliased(Bookings)
OVERLAPPING = Query(
    select(func.count())
    .select_from(ONE)
    .join(OTHER, (ONE.provider_id == OTHER.provider_id) & (ONE.id < OTHER.id))
    .where(
        ONE.starts_at < OTHER.ends_at,
        OTHER.starts_at < ONE.ends_at,
        ONE.status == "confirmed",
        OTHER.status == "confirmed",
    ),
    int,
)
ONE_A_DAY = Command(
    update(Providers).values(max_per_day=1, hours_version=Providers.hours_version + 1)
)
FLUSH = "SELECT pg_stat_force_next_flush()"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
CLOSED = {"timezone": "UTC", "weekly": []}


class World:
    """Two providers of one service of an hour, and what is asked of them."""

    def __init__(self, doors, client, offering, providers, me, them) -> None:
        self.doors, self.client, self.offering = doors, client, offering
        self.providers, self.me, self.them = providers, me, them

    async def book(self, minutes: int, provider: int = 0):
        wanted = {
            "service_id": str(self.offering.id),
            "starts_at": at(minutes).isoformat(),
            "provider_id": str(self.providers[provider].id),
        }
        return await self.client.post("/bookings", json=wanted, headers=self.me)

    async def booked(self, minutes: int, provider: int = 0) -> dict[str, Any]:
        made = await self.book(minutes, provider)
        assert made.status_code == 201, made.text
        return made.json()

    async def move(self, booking: dict[str, Any], minutes: int, provider: int = 0):
        wanted = {
            "starts_at": at(minutes).isoformat(),
            "provider_id": str(self.providers[provider].id),
        }
        path = f"/bookings/{booking['id']}/reschedule"
        return await self.client.post(path, json=wanted, headers=self.me)

    async def close(self) -> None:
        path = f"/providers/{self.providers[0].id}/schedule"
        put = await self.client.put(path, json=CLOSED, headers=self.them)
        assert put.status_code == 200, put.text

    async def overlapping(self) -> int:
        async with self.doors.database.read() as connection:
            return await connection.first(OVERLAPPING)


@pytest.fixture
async def world(real_doors, real_client, adapters):
    async with real_doors.database.transaction() as transaction:
        providers = [await make_provider(transaction) for _ in range(2)]
        offering = await make_offering(transaction, *providers, slot_step_minutes=15)
        me = await sign_in(transaction, adapters)
        them = await sign_in(transaction, adapters, user_id=providers[0].user_id)
    return World(real_doors, real_client, offering, providers, me, them)


@pytest.fixture
def deadlocks(real_database, url):
    """What counts the deadlocks there were; a backend tells of its own when it is asked to."""

    async def count() -> int:
        async with AsyncExitStack() as stack:
            for _ in range(24):
                raw = await stack.enter_async_context(real_database._pool.acquire())
                await raw.execute(FLUSH)
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(DEADLOCKS)
        finally:
            await connection.close()

    return count


def statuses(answers) -> list[int]:
    return sorted(answer.status_code for answer in answers)


async def onto_one_time(world, rounds: int = 3) -> list[list[int]]:
    found = []
    for number in range(rounds):
        target = 2 * DAY + number * 12 * HOUR
        two = [await world.booked(target - hours * HOUR) for hours in (2, 4)]
        found.append(
            statuses(
                await at_once(
                    world.doors, world.move(two[0], target), world.move(two[1], target + 30)
                )
            )
        )
    return found


async def test_of_two_that_are_moved_onto_one_time_exactly_one_is(world, deadlocks):
    before = await deadlocks()

    assert await onto_one_time(world) == [[200, 409]] * 3
    assert await world.overlapping() == 0
    assert await deadlocks() == before


@pytest.fixture
async def scarce(world):
    """The world, whose first provider takes one booking a day."""
    async with world.doors.database.transaction() as transaction:
        await transaction.run(ONE_A_DAY)
    return world


async def into_one_day(world) -> list[int]:
    first, second = await world.booked(DAY), await world.booked(2 * DAY)
    moves = world.move(first, 4 * DAY), world.move(second, 4 * DAY + 2 * HOUR)
    return statuses(await at_once(world.doors, *moves))


async def test_of_two_that_are_moved_into_a_day_with_room_for_one_one_is(scarce):
    assert await into_one_day(scarce) == [200, 409]


async def test_control_without_the_lock_both_are_moved_into_that_day(scarce, monkeypatch):
    async def unlocked(self, provider_ids):
        pass

    together = meeting(BookingChangeRepository.reschedule)
    monkeypatch.setattr(AvailabilityRepository, "lock", unlocked)
    monkeypatch.setattr(BookingChangeRepository, "reschedule", together)

    assert await into_one_day(scarce) == [200, 200]


async def test_two_that_cross_between_two_providers_both_arrive(world, deadlocks):
    before = await deadlocks()
    for number in range(5):
        start = DAY + number * 4 * HOUR
        first, second = await world.booked(start, 0), await world.booked(start, 1)

        answers = await at_once(
            world.doors,
            world.move(first, start + 30, 1),
            world.move(second, start + 2 * HOUR, 0),
        )

        assert statuses(answers) in ([200, 200], [200, 409])
    assert await world.overlapping() == 0
    assert await deadlocks() == before


async def test_control_without_an_order_of_the_locks_they_wait_for_each_other(
    world, deadlocks, monkeypatch
):
    lock, both, arrived = AvailabilityRepository.lock, asyncio.Barrier(2), []

    async def in_any_order(self, provider_ids):
        arrived.append(provider_ids)
        meets = len(arrived) <= 2
        one, other = provider_ids if len(arrived) % 2 else provider_ids[::-1]
        await lock(self, [one])
        if meets:
            await asyncio.wait_for(both.wait(), SOON)
        await lock(self, [other])

    monkeypatch.setattr(AvailabilityRepository, "lock", in_any_order)
    first, second = await world.booked(DAY, 0), await world.booked(DAY, 1)
    before = await deadlocks()

    await at_once(world.doors, world.move(first, 2 * DAY, 1), world.move(second, 2 * DAY, 0))

    assert await deadlocks() == before + 1


async def test_two_that_want_each_others_times_keep_their_own(world, deadlocks):
    before = await deadlocks()
    first, second = await world.booked(DAY), await world.booked(DAY + HOUR)

    answers = await at_once(world.doors, world.move(first, DAY + HOUR), world.move(second, DAY))

    assert statuses(answers) == [409, 409]
    assert await world.overlapping() == 0
    assert await deadlocks() == before


async def test_of_those_who_book_a_time_and_those_who_move_there_one_wins(world, deadlocks):
    before = await deadlocks()
    for number in range(3):
        target = 3 * DAY + number * DAY
        mine = [await world.booked(target - hours * HOUR) for hours in (2, 4, 6, 8, 10)]

        answers = await at_once(
            world.doors,
            *(world.move(booking, target) for booking in mine),
            *(world.book(target) for _ in range(5)),
        )

        assert statuses(answers) in ([200] + [409] * 9, [201] + [409] * 9)
        refused = [answer.json() for answer in answers if answer.status_code == 409]
        assert all(problem["alternatives"] for problem in refused)
    assert await deadlocks() == before


async def timed(call) -> tuple[int, float]:
    begun = perf_counter()
    answer = await call
    return answer.status_code, perf_counter() - begun


async def storm(world, start: int) -> list[tuple[int, float]]:
    """96 bookings of an hour at every quarter of a day, and 24 moves among them."""
    moved = [await world.booked(start + 2 * HOUR + 90 * number) for number in range(12)]
    bookings = [world.book(start + 2 * DAY + 15 * number) for number in range(96)]
    moves = [
        world.move(booking, start + target)
        for number, booking in enumerate(moved)
        for target in (2 * DAY + 120 * number, 2 * HOUR + 90 * number + 15)
    ]
    mixed = [call for four in zip(*[iter(bookings)] * 4, moves, strict=True) for call in four]
    return await at_once(world.doors, *(timed(call) for call in mixed))


async def test_a_storm_on_one_provider_leaves_no_two_that_overlap(world, deadlocks):
    before = await deadlocks()
    waits = []
    for number in range(3):  # on a busy machine one may take long, and not all of them
        answers = await storm(world, number * 4 * DAY)

        assert {status for status, _ in answers} == {200, 201, 409}
        assert await world.overlapping() == 0
        assert await deadlocks() == before
        waits.append(max(seconds for _, seconds in answers))
        if waits[-1] < 2:
            break
    assert min(waits) < 2


async def test_hours_that_change_between_the_look_and_the_booking_decide_anew(world, monkeypatch):
    add, tries = BookingRepository.add, []

    async def beaten(self, *given, **named):
        tries.append(given)
        if len(tries) == 1:
            await world.close()
        return await add(self, *given, **named)

    monkeypatch.setattr(BookingRepository, "add", beaten)

    refused = await world.book(DAY)

    assert (refused.status_code, refused.json()["code"]) == (409, "slot-unavailable")
    assert len(tries) == 1, "the second time it is seen to be closed"


async def test_hours_that_change_between_the_look_and_the_move_decide_anew(world, monkeypatch):
    booking, tries = await world.booked(DAY), []
    reschedule = BookingChangeRepository.reschedule

    async def beaten(self, *given, **named):
        tries.append(given)
        if len(tries) == 1:
            await world.close()
        return await reschedule(self, *given, **named)

    monkeypatch.setattr(BookingChangeRepository, "reschedule", beaten)

    refused = await world.move(booking, 2 * DAY)

    assert (refused.status_code, refused.json()["code"]) == (409, "slot-unavailable")
    assert len(tries) == 1


async def test_control_without_a_version_of_the_hours_it_is_booked_when_closed(world, monkeypatch):
    add, tries = BookingRepository.add, []

    async def beaten(self, *given, **named):
        tries.append(given)
        if len(tries) == 1:
            await world.close()
        return await add(self, *given, **named)

    monkeypatch.setattr(BookingRepository, "add", beaten)
    monkeypatch.setattr(schedules.ScheduleRepository, "put", unnoticed)

    assert (await world.book(DAY)).status_code == 201


async def unnoticed(self, schedule) -> None:
    await self.connection.run(schedules.PUT, **schedules.values(schedule))
