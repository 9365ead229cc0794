"""Waiting for seats: in order, never overtaken, and offered once."""

import pytest

from app.domain.bookings import BookingStatus
from app.domain.events import SeatsFreed
from app.domain.roles import Role
from app.tasks.cleanup import settle_events
from app.tasks.seating import settle_seats
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import ensure_counted, make_event, ticket_type

PAID = [ticket_type("Paid", 1000)]


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def users(connection):
    return [await make_user(connection) for _ in range(4)]


@pytest.fixture
async def people(connection, adapters, users):
    return [await sign_in(connection, adapters, user_id=user.id) for user in users]


@pytest.fixture
async def full(client, connection, organizer, people):
    """An event whose two seats the first of the people has."""
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=2)
    booking = await book(client, people[0], event, 2)
    return event, booking.json()


async def book(client, headers, event, seats):
    return await client.post(
        "/bookings", json={"event_id": str(event.id), "seats": seats}, headers=headers
    )


async def wait(client, headers, event, seats=1):
    return await client.post(f"/events/{event.id}/waitlist", json={"seats": seats}, headers=headers)


async def entry_of(client, headers, event):
    answer = await client.get(f"/events/{event.id}/waitlist", headers=headers)
    return answer.json()["items"][-1]


async def statuses(client, people, event):
    return [(await entry_of(client, one, event))["status"] for one in people]


async def cancel(client, headers, booking):
    answer = await client.post(f"/bookings/{booking['id']}/cancel", headers=headers)
    assert answer.status_code == 200, answer.text


async def test_one_waits_in_the_order_of_coming(client, connection, full, people):
    event, _ = full

    first = await wait(client, people[1], event)
    second = await wait(client, people[2], event, 2)
    again = await wait(client, people[1], event)

    assert (first.status_code, first.json()["status"]) == (201, "waiting")
    assert [first.json()["position"], second.json()["position"]] == [1, 2]
    assert (again.status_code, again.json()["code"]) == (409, "already-waiting")
    await ensure_counted(connection)


async def test_while_there_are_seats_nobody_waits(client, connection, organizer, people):
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=2)

    refused = await wait(client, people[0], event, 2)

    assert (refused.status_code, refused.json()["code"]) == (409, "seats-available")
    assert refused.json()["available"] == 2


async def test_a_freed_seat_is_offered_to_the_first_and_to_nobody_else(
    client, connection, full, people
):
    event, booking = full
    await wait(client, people[1], event)
    await wait(client, people[2], event, 2)

    await cancel(client, people[0], booking)

    assert await statuses(client, people[1:3], event) == ["offered", "waiting"]
    assert (await entry_of(client, people[1], event))["offer_expires_at"] == "2030-03-02T12:00:00Z"
    assert (await book(client, people[3], event, 1)).json()["available"] == 0
    await ensure_counted(connection)


async def test_an_offer_is_taken_by_booking_and_once(client, connection, full, people):
    event, booking = full
    await wait(client, people[1], event, 2)
    await cancel(client, people[0], booking)

    taken = await book(client, people[1], event, 2)
    more = await book(client, people[1], event, 1)

    assert taken.status_code == 201
    assert (more.status_code, more.json()["available"]) == (409, 0)
    entry = await entry_of(client, people[1], event)
    assert (entry["status"], entry["booking_id"]) == ("taken", taken.json()["id"])
    await ensure_counted(connection)


async def test_of_an_offer_what_is_not_taken_goes_to_the_next(client, connection, full, people):
    event, booking = full
    await wait(client, people[1], event, 2)
    await wait(client, people[2], event, 1)
    await cancel(client, people[0], booking)

    over = await book(client, people[1], event, 3)
    one = await book(client, people[1], event, 1)

    assert (over.json()["code"], over.json()["available"]) == ("sold-out", 2)
    assert one.status_code == 201
    assert await statuses(client, people[1:3], event) == ["taken", "offered"]
    await ensure_counted(connection)


async def test_a_cancelled_booking_brings_no_spent_offer_back(client, connection, full, people):
    event, booking = full
    await wait(client, people[1], event, 2)
    await cancel(client, people[0], booking)
    taken = (await book(client, people[1], event, 2)).json()
    await wait(client, people[2], event, 2)

    await cancel(client, people[1], taken)

    assert await statuses(client, people[1:3], event) == ["taken", "offered"]
    assert (await book(client, people[1], event, 1)).status_code == 409
    await ensure_counted(connection)


async def test_an_offer_lapses_and_goes_to_the_next(
    client, connection, full, people, users, clock, doors, adapters
):
    event, booking = full
    await wait(client, people[1], event, 2)
    await wait(client, people[2], event, 2)
    await cancel(client, people[0], booking)

    clock.forward(days=1)
    people = [await sign_in(connection, adapters, user_id=user.id) for user in users]
    assert (await entry_of(client, people[1], event))["status"] == "lapsed"
    late = await book(client, people[1], event, 2)
    settled = await doors.perform(settle_events)

    assert (late.status_code, late.json()["available"]) == (409, 0)
    assert settled == 1
    assert await statuses(client, people[1:3], event) == ["lapsed", "offered"]
    assert await doors.perform(settle_events) == 0
    await ensure_counted(connection)


async def test_who_leaves_gives_the_offer_to_the_next(client, connection, full, people):
    event, booking = full
    await wait(client, people[1], event, 2)
    await wait(client, people[2], event, 2)
    await wait(client, people[3], event, 1)
    await cancel(client, people[0], booking)

    gone = await client.delete(f"/events/{event.id}/waitlist", headers=people[1])
    again = await client.delete(f"/events/{event.id}/waitlist", headers=people[1])
    waiting = await client.delete(f"/events/{event.id}/waitlist", headers=people[3])

    assert [gone.status_code, again.status_code, waiting.status_code] == [204, 404, 204]
    assert await statuses(client, people[1:4], event) == ["left", "offered", "left"]
    await ensure_counted(connection)


async def test_nobody_is_passed_by_one_who_wants_less(client, connection, organizer, people):
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=3)
    two = (await book(client, people[0], event, 2)).json()
    one = (await book(client, people[3], event, 1)).json()
    await wait(client, people[1], event, 3)
    await wait(client, people[2], event, 1)

    await cancel(client, people[0], two)
    assert await statuses(client, people[1:3], event) == ["waiting", "waiting"]
    assert (await book(client, people[0], event, 1)).json()["available"] == 0
    await cancel(client, people[3], one)

    assert await statuses(client, people[1:3], event) == ["offered", "waiting"]
    await ensure_counted(connection)


async def test_a_lapsed_hold_goes_to_who_waits(client, connection, organizer, people, clock, doors):
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=2, types=PAID)
    held = await book(client, people[0], event, 2)
    assert held.json()["status"] == BookingStatus.PENDING
    await wait(client, people[1], event, 2)

    clock.forward(minutes=15)
    refused = await book(client, people[2], event, 1)
    await settle_seats_of(event, doors)

    assert refused.status_code == 409
    assert await statuses(client, people[1:2], event) == ["offered"]
    taken = await book(client, people[1], event, 2)
    assert (taken.status_code, taken.json()["status"]) == (201, "pending")
    await ensure_counted(connection)


async def settle_seats_of(event, doors):
    async def settle(services):
        await settle_seats(SeatsFreed(event.id), services)

    await doors.perform(settle)


async def test_once_it_begins_nobody_waits_any_longer(
    client, connection, full, people, users, clock, doors, adapters
):
    event, _ = full
    await wait(client, people[1], event, 2)

    clock.forward(days=30)
    people = [await sign_in(connection, adapters, user_id=user.id) for user in users]
    people = [await sign_in(connection, adapters, user_id=user.id) for user in users]
    await doors.perform(settle_events)

    assert await statuses(client, people[1:2], event) == ["lapsed"]
    assert (await wait(client, people[2], event)).json()["code"] == "event-not-bookable"
    await ensure_counted(connection)


async def test_the_organizer_sees_all_and_others_themselves(
    client, connection, full, people, organizer, adapters
):
    event, _ = full
    for one in people[1:]:
        await wait(client, one, event)
    theirs = await sign_in(connection, adapters, user_id=organizer.id)

    everybody = await client.get(f"/events/{event.id}/waitlist?status=waiting", headers=theirs)
    mine = await client.get(f"/events/{event.id}/waitlist", headers=people[2])

    assert [entry["position"] for entry in everybody.json()["items"]] == [1, 2, 3]
    assert [entry["position"] for entry in mine.json()["items"]] == [2]


async def test_more_seats_than_a_booking_can_have_are_waited_for_in_vain(client, full, people):
    event, _ = full

    refused = await wait(client, people[1], event, 3)

    assert (refused.status_code, refused.json()["code"]) == (422, "too-many-tickets")
