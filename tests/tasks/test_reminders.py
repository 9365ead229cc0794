"""Reminders: as long before as the service or the event says, once, and of what still stands."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from app.core.statements import Command, Query
from app.domain.bookings import BookingStatus
from app.domain.reminders import LONGEST_LEAD, ReminderDue, lead_now
from app.domain.roles import Role
from app.models import Notifications, Offerings, ReminderProgress
from app.repositories import reminders
from app.repositories.reminders import ReminderRepository
from app.tasks.delivery import deliver
from app.tasks.reminders import announce_reminders
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event
from tests.factories.jobs import announced, deliver_all
from tests.factories.mail import letters
from tests.factories.races import at_once, meeting
from tests.factories.seats import book_seats

SUBJECT = "A reminder of your booking"
TOLD = Query(
    select(func.count()).select_from(Notifications).where(Notifications.kind == "reminder"), int
)
REACHED = Query(select(ReminderProgress.announced_until), lambda until: until)
FORGET_LOCK = Query(select(ReminderProgress.announced_until), lambda until: until)
A_DAY = 24 * 60


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def book(connection, doors, customer):
    """Book a visit so many minutes from now, with reminders announced until now."""
    await doors.perform(announce_reminders)

    async def booked(minutes, zone="UTC", leads=(1440, 120), **changes):
        provider = await make_provider(connection, timezone=zone)
        offering = await make_offering(connection, provider, reminder_minutes=list(leads))
        made = {"created_at": NOW, **changes}
        return await make_booking(
            connection, customer.id, offering, provider, starts_at=at(minutes), **made
        )

    return booked


async def remind(doors):
    """Announce what is due; return of how many, when they were told."""
    count = await doors.perform(announce_reminders)
    await deliver_all(doors)
    return count


async def told(doors, customer):
    return [one for one in await letters(doors, customer.email) if one.subject == SUBJECT]


async def test_a_day_and_two_hours_before_customers_are_reminded(doors, clock, customer, book):
    await book(30 * 60)
    counts = []
    for hours in (5, 1, 1, 20, 1, 1):
        clock.forward(hours=hours)
        counts.append(await remind(doors))

    assert counts == [0, 1, 0, 0, 1, 0]
    first, second = sorted(await told(doors, customer), key=lambda letter: letter.created_at)
    assert "Haircut" in first.text
    assert "Saturday, March 2, 2030, 6:00 PM" in first.text
    assert first.text != second.text  # in a day, and in two hours
    assert [file.name for file in first.attachments] == ["booking.ics"]


async def test_after_a_time_without_workers_the_nearest_one_is_sent_once(
    doors, clock, customer, book
):
    await book(30 * 60)
    await book(40 * 60)
    await book(3 * 60)
    clock.forward(hours=29)

    assert await remind(doors) == 2  # the third began long ago
    assert await remind(doors) == 0

    late, early = await told(doors, customer)
    assert {late.text.count("1 hour"), early.text.count("1 hour")} == {0, 1}


async def test_what_was_booked_too_late_for_a_reminder_has_none(doors, clock, customer, book):
    await book(10 * 60)

    for _ in range(10 * 4):
        clock.forward(minutes=15)
        await remind(doors)

    assert len(await told(doors, customer)) == 1  # two hours before


@pytest.mark.parametrize(
    ("leads", "times"), [([], 0), ([15], 1), ([LONGEST_LEAD, 60, 45, 30, 15], 4)]
)
async def test_a_service_says_how_long_before(doors, clock, customer, book, leads, times):
    await book(5 * A_DAY, leads=leads)

    for step in [12 * 60] * 9 + [60] * 10 + [15] * 8:
        clock.forward(minutes=step)
        await remind(doors)

    assert len(await told(doors, customer)) == times


async def test_what_is_changed_holds_for_what_is_booked_already(
    connection, doors, clock, customer, book
):
    await book(30 * 60)
    await connection.run(Command(update(Offerings).values(reminder_minutes=[300])))

    for hours in (6, 19, 3):
        clock.forward(hours=hours)
        await remind(doors)

    assert len(await told(doors, customer)) == 1


async def test_who_has_seats_at_an_event_is_reminded(connection, doors, clock, customer):
    organizer = await make_user(connection, Role.ORGANIZER)
    await doors.perform(announce_reminders)
    event, _ = await make_event(
        connection, organizer.id, now=NOW, timezone="Asia/Almaty", reminder_minutes=[180]
    )
    await book_seats(connection, event.id, customer.id)
    clock.now = event.starts_at - timedelta(hours=3)

    assert await remind(doors) == 1

    (letter,) = await told(doors, customer)
    assert event.title in letter.text
    assert "(Kazakhstan Time)" in letter.text


@pytest.mark.parametrize(
    ("day", "starts_at", "told_at"),
    [
        # Clocks go forward in the night before: a day is 24 hours, and the reminder an hour sooner.
        ("2030-03-31", "2030-03-31T08:00:00+00:00", "10:00 AM (Central European Summer Time)"),
        ("2030-10-27", "2030-10-27T09:00:00+00:00", "10:00 AM (Central European Standard Time)"),
    ],
)
async def test_a_day_before_is_24_hours_and_the_time_told_is_the_wall_s(
    doors, clock, customer, book, day, starts_at, told_at
):
    start = datetime.fromisoformat(starts_at)
    await book((start - NOW) // timedelta(minutes=1), zone="Europe/Berlin")

    clock.now = start - timedelta(days=1, minutes=1)
    assert await remind(doors) == 0
    clock.forward(minutes=1)
    assert await remind(doors) == 1

    (letter,) = await told(doors, customer)
    assert told_at in letter.text


async def test_of_what_was_cancelled_a_moment_before_nobody_is_reminded(
    client, connection, adapters, doors, clock, customer, book
):
    booking = await book(30 * 60)
    me = await sign_in(connection, adapters, user_id=customer.id)
    clock.forward(hours=6)
    await doors.perform(announce_reminders)
    assert ReminderDue(booking.id) in await announced(connection)

    assert (await client.post(f"/bookings/{booking.id}/cancel", headers=me)).status_code == 200
    await deliver_all(doors)

    assert await told(doors, customer) == []


async def test_what_was_moved_is_reminded_of_anew_and_not_as_it_was(
    client, connection, adapters, doors, clock, customer, book
):
    booking = await book(30 * 60)
    me = await sign_in(connection, adapters, user_id=customer.id)
    clock.forward(hours=6)
    assert await remind(doors) == 1
    clock.forward(hours=1)
    later = {"starts_at": at(60 * 60).isoformat()}
    moved = await client.post(f"/bookings/{booking.id}/reschedule", headers=me, json=later)
    assert moved.status_code == 200, moved.text
    await deliver_all(doors)

    await deliver(doors, ReminderDue(booking.id))  # of before, which comes late
    await deliver_all(doors)
    assert len(await told(doors, customer)) == 1

    for hours in (29, 22, 5):
        clock.forward(hours=hours)
        await remind(doors)
    assert len(await told(doors, customer)) == 3


async def test_one_that_is_announced_twice_is_told_once(doors, clock, customer, book):
    booking = await book(30 * 60)
    clock.forward(hours=6)

    for _ in range(3):
        await deliver(doors, ReminderDue(booking.id))
    await deliver_all(doors)

    assert len(await told(doors, customer)) == 1


@pytest.mark.parametrize("status", [BookingStatus.PENDING, BookingStatus.COMPLETED])
async def test_only_what_is_confirmed_is_reminded_of(doors, clock, customer, book, status):
    hold = at(100 * 60) if status is BookingStatus.PENDING else None
    await book(30 * 60, status=status, hold_expires_at=hold)
    clock.forward(hours=6)

    assert await remind(doors) == 0


async def test_who_may_book_sees_and_sets_how_long_before(client, connection, adapters):
    provider = await make_provider(connection)
    me = await sign_in(connection, adapters, user_id=provider.user_id)
    body: dict[str, Any] = {
        "name": "Cut",
        "duration_minutes": 30,
        "price": {"amount": 100, "currency": "EUR"},
    }

    usual = await client.post("/services", headers=me, json=body)
    own = await client.post(
        "/services", headers=me, json={**body, "reminder_minutes": [15, 60, 15]}
    )

    assert usual.json()["reminder_minutes"] == [1440, 120]
    assert own.json()["reminder_minutes"] == [60, 15]
    for wrong in ([10], [0], [16], [-15], [LONGEST_LEAD + 15], [15, 30, 45, 60, 75, 90], ["15"]):
        refused = await client.post(
            "/services", headers=me, json={**body, "reminder_minutes": wrong}
        )
        assert refused.status_code == 422, wrong
        assert refused.json()["errors"][0]["pointer"].startswith("#/reminder_minutes")


@pytest.mark.parametrize(
    ("before", "lead"),
    [(1441, None), (1440, 1440), (121, 1440), (120, 120), (1, 120), (0, None), (-1, None)],
)
def test_the_nearest_lead_whose_time_has_come_is_told(before, lead):
    assert lead_now([1440, 120], at(before), now=NOW) == lead


@pytest.fixture
async def due(real_doors, adapters, clock):
    async with real_doors.database.read() as connection:
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        user = await make_user(connection)
        await real_doors.perform(announce_reminders)
        await make_booking(
            connection, user.id, offering, provider, starts_at=at(30 * 60), created_at=NOW
        )
    clock.forward(hours=6)


async def announced_by_two(doors):
    return sorted(await at_once(doors, *(doors.perform(announce_reminders) for _ in range(2))))


async def test_of_two_workers_at_once_one_announces(real_doors, due):
    assert await announced_by_two(real_doors) == [0, 1]


async def test_without_the_lock_both_do_and_it_is_told_once_even_so(real_doors, due, monkeypatch):
    async def unlocked(self, *, now):
        return await self.connection.first(FORGET_LOCK)

    monkeypatch.setattr(ReminderRepository, "lock", unlocked)
    monkeypatch.setattr(ReminderRepository, "announce", meeting(ReminderRepository.announce))

    assert await announced_by_two(real_doors) == [1, 1]

    await deliver_all(real_doors)
    async with real_doors.database.read() as connection:
        assert await connection.first(TOLD) == 1


FILL = """
INSERT INTO bookings (id, kind, status, customer_id, service_id, provider_id, title, timezone,
 starts_at, starts_local, ends_at, blocked_from, blocked_until, seats, price_amount,
 price_currency, payment_status, free_until_minutes, late_fee_percent, created_at, updated_at)
SELECT gen_random_uuid(), kind, status, customer_id, service_id, provider_id, title, timezone,
 starts_at + n * interval '2 hours', starts_local, ends_at + n * interval '2 hours',
 blocked_from + n * interval '2 hours', blocked_until + n * interval '2 hours', seats,
 price_amount, price_currency, payment_status, 0, 0, created_at, updated_at
FROM bookings, generate_series(1, 20000) n"""


async def test_what_it_costs_follows_from_what_is_due_and_not_from_all_there_is(
    connection, book, database
):
    await book(30 * 60)
    raw = await database._pool.acquire()
    await raw.execute(FILL)
    await raw.execute("ANALYZE bookings")
    query = reminders.ANNOUNCE
    given = {"leads": reminders.ALL_LEADS, "since": NOW, "until": NOW + timedelta(minutes=1)}

    sql = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF) {query.sql}"
    plan = "\n".join(line[0] for line in await raw.fetch(sql, *query.arguments(given)))

    assert "Seq Scan on bookings" not in plan, plan
    assert "ix_bookings_starting" in plan, plan
