"""Events that are changed while they are booked, and by several at once."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import Integer, bindparam, func, select, update

from app.core.statements import Command, Query
from app.domain.booking_changes import ChangeKind
from app.domain.bookings import BookingStatus
from app.domain.roles import Role
from app.models import BookingChanges, Bookings, EventCapacity
from app.repositories import events as event_rows
from app.repositories.event_bookings import EventBookingRepository
from app.services import event_changes
from app.services.events import EventService
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import ensure_counted, make_event
from tests.factories.jobs import deliver_all
from tests.factories.races import at_once, meeting
from tests.factories.seats import book_seats

SEATS = 10
LATER = "2030-06-01T18:00:00Z"
ACTIVE = Query(
    select(func.count()).where(
        Bookings.event_id == bindparam("event_id"), Bookings.status == BookingStatus.CONFIRMED
    ),
    int,
)
CANCELLED = Query(select(func.count()).where(BookingChanges.kind == ChangeKind.CANCELLED), int)
# As it would be, if a change were none that a booking has to know of.
UNNOTICED = Command(
    update(EventCapacity)
    .where(EventCapacity.event_id == bindparam("event_id"))
    .values(capacity=bindparam("capacity", type_=Integer))
)


@pytest.fixture
async def stage(real_doors):
    """An event of ten free seats; its organizer's headers."""
    async with real_doors.database.transaction() as connection:
        organizer = await make_user(connection, Role.ORGANIZER)
        event, _ = await make_event(connection, organizer.id, now=NOW, seats=SEATS)
        return event, await sign_in(connection, real_doors.adapters, user_id=organizer.id)


async def customers(doors, number):
    async with doors.database.transaction() as connection:
        return [await sign_in(connection, doors.adapters) for _ in range(number)]


async def active(doors, event):
    async with doors.database.read() as connection:
        return await connection.first(ACTIVE, event_id=event.id)


async def booked_while(doors, client, monkeypatch, event, change):
    """Book a seat; between the decision and the booking, `change` happens and is followed."""
    add, begun = EventBookingRepository.add, []

    async def late(self, *given, **named):
        if not begun:
            begun.append(True)
            assert (await change()).status_code == 200
            await deliver_all(doors)
        return await add(self, *given, **named)

    monkeypatch.setattr(EventBookingRepository, "add", late)
    (customer,) = await customers(doors, 1)
    asked = {"event_id": str(event.id), "seats": 1}
    answer = await client.post("/bookings", json=asked, headers=customer)
    assert begun
    return answer


async def test_what_is_cancelled_meanwhile_is_not_booked(
    real_doors, real_client, monkeypatch, stage
):
    event, me = stage

    def cancel():
        return real_client.post(f"/events/{event.id}/cancel", headers=me)

    answer = await booked_while(real_doors, real_client, monkeypatch, event, cancel)

    assert (answer.status_code, answer.json()["code"]) == (409, "event-not-bookable")
    assert await active(real_doors, event) == 0


async def test_control_without_another_version_what_is_cancelled_is_booked(
    real_doors, real_client, monkeypatch, stage
):
    event, me = stage
    monkeypatch.setattr(event_rows, "PUT_CAPACITY", UNNOTICED)

    def cancel():
        return real_client.post(f"/events/{event.id}/cancel", headers=me)

    await booked_while(real_doors, real_client, monkeypatch, event, cancel)

    assert await active(real_doors, event) == 1


async def test_what_is_moved_meanwhile_is_booked_for_then(
    real_doors, real_client, monkeypatch, stage
):
    event, me = stage

    def move():
        return real_client.patch(f"/events/{event.id}", json={"starts_at": LATER}, headers=me)

    answer = await booked_while(real_doors, real_client, monkeypatch, event, move)

    assert (answer.status_code, answer.json()["starts_at"]) == (201, LATER)


async def test_control_without_another_version_it_is_booked_for_another_time(
    real_doors, real_client, monkeypatch, stage
):
    event, me = stage
    monkeypatch.setattr(event_rows, "PUT_CAPACITY", UNNOTICED)

    def move():
        return real_client.patch(f"/events/{event.id}", json={"starts_at": LATER}, headers=me)

    answer = await booked_while(real_doors, real_client, monkeypatch, event, move)

    assert (answer.status_code, answer.json()["starts_at"] == LATER) == (201, False)


async def test_seats_that_are_taken_away_and_booked_at_once_are_never_both(
    real_doors, real_client, stage
):
    event, me = stage
    people = await customers(real_doors, SEATS)

    def book(headers):
        asked = {"event_id": str(event.id), "seats": 1}
        return real_client.post("/bookings", json=asked, headers=headers)

    def shrink(seats):
        path, body = f"/events/{event.id}", {"max_participants": seats}
        return real_client.patch(path, json=body, headers=me)

    answers = await at_once(
        real_doors, *map(book, people[:5]), shrink(4), *map(book, people[5:]), shrink(7)
    )

    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    made = sum(answer.status_code == 201 for answer in answers)
    shown = (await real_client.get(f"/events/{event.id}")).json()
    assert made == shown["seats_taken"] <= shown["max_participants"]
    async with real_doors.database.read() as connection:
        await ensure_counted(connection)


async def changed_at_once(doors, client, event, me):
    path = f"/events/{event.id}"
    seen = me | {"If-Match": (await client.get(path, headers=me)).headers["ETag"]}
    answers = await at_once(
        doors, *(client.patch(path, json={"title": title}, headers=seen) for title in "ab")
    )
    return sorted(answer.status_code for answer in answers)


async def test_of_two_changes_of_one_version_exactly_one_wins(real_doors, real_client, stage):
    event, me = stage

    assert await changed_at_once(real_doors, real_client, event, me) == [200, 412]


async def test_control_without_the_lock_both_win(real_doors, real_client, monkeypatch, stage):
    event, me = stage

    async def seen(self, actor, event_id):
        return await self._visible(actor, event_id)

    async def both_seen(self, actor, event_id):
        found = await seen(self, actor, event_id)
        await together()
        return found

    async def nothing():
        await asyncio.sleep(0)

    together = meeting(nothing)
    monkeypatch.setattr(EventService, "lock", both_seen)

    assert await changed_at_once(real_doors, real_client, event, me) == [200, 200]


async def test_workers_who_cancel_the_same_event_cancel_each_booking_once(
    real_doors, real_client, monkeypatch, stage
):
    monkeypatch.setattr(event_changes, "AT_ONCE", 3)
    event, me = stage
    async with real_doors.database.transaction() as connection:
        for _ in range(SEATS):
            await book_seats(connection, event.id, (await make_user(connection)).id)
    assert (await real_client.post(f"/events/{event.id}/cancel", headers=me)).status_code == 200

    async def work(event_id: UUID):
        for _ in range(2):
            async with real_doors.writing() as services:
                await services.event_changes.cancel_some(event_id)

    await at_once(real_doors, *(work(event.id) for _ in range(4)))

    assert await active(real_doors, event) == 0
    async with real_doors.database.read() as connection:
        assert await connection.first(CANCELLED) == SEATS
        await ensure_counted(connection)
