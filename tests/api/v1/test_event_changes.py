"""Events that are moved or cancelled, and the bookings that follow them."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import bindparam, select, update

from app.core.statements import Command, Query
from app.domain.booking_changes import ChangeKind
from app.domain.bookings import Booking, BookingCancelled, BookingRescheduled, BookingStatus
from app.domain.events import EventCancelled, EventMoved, SeatsFreed
from app.domain.roles import Role
from app.models import BookingChanges, Bookings, EventCapacity, Tickets
from app.repositories.base import columns
from app.services import event_changes
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.jobs import announced, deliver_all
from tests.factories.mail import letters
from tests.factories.seats import book_seats

BY_ID = Query(select(*columns(Bookings, Booking)).where(Bookings.id == bindparam("id")), Booking)
NOTES = Query(
    select(
        BookingChanges.kind,
        BookingChanges.actor_id,
        BookingChanges.reason,
        BookingChanges.moved_from,
        BookingChanges.moved_to,
    ).where(BookingChanges.booking_id == bindparam("id")),
    lambda *row: row,
)
TICKETS = Query(
    select(Tickets.status).where(Tickets.booking_id == bindparam("id")), lambda status: status
)
WAIT = Command(update(EventCapacity).values(waiting=1, joined=1))
VERSION = Query(select(EventCapacity.version).where(EventCapacity.event_id == bindparam("id")), int)
LATER = datetime.fromisoformat("2030-04-02T18:00:00+00:00")
PENDING = BookingStatus.PENDING


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def me(connection, adapters, organizer):
    return await sign_in(connection, adapters, user_id=organizer.id)


@pytest.fixture
async def event(connection, organizer):
    event, _ = await make_event(
        connection, organizer.id, now=NOW, types=[ticket_type(), ticket_type("VIP", 9000, 5)]
    )
    return event


@pytest.fixture
def booked(connection, event):
    async def book(**given):
        return await book_seats(connection, event.id, (await make_user(connection)).id, **given)

    return book


async def again(connection, booking):
    found = await connection.first(BY_ID, id=booking.id)
    assert found is not None
    return found


async def test_who_booked_follows_an_event_that_is_moved(client, connection, me, event, booked):
    stays = [await booked(), await booked(status=PENDING, of_type="VIP")]
    gone = await booked(status=BookingStatus.CANCELLED)

    moved = await client.patch(
        f"/events/{event.id}",
        json={"starts_at": LATER.isoformat(), "timezone": "Asia/Bishkek", "title": "Songs"},
        headers=me,
    )

    assert moved.status_code == 200, moved.text
    for one in stays:
        new = await again(connection, one)
        assert (new.starts_at, new.ends_at) == (LATER, LATER + timedelta(hours=2))
        assert (new.timezone, new.starts_local) == ("Asia/Bishkek", "2030-04-03T00:00:00")
        assert (new.blocked_from, new.blocked_until) == (new.starts_at, new.ends_at)
        assert (new.title, new.sequence, new.updated_at) == ("Songs", 1, NOW)
        (note,) = await connection.all(NOTES, id=one.id)
        assert note == (ChangeKind.RESCHEDULED, event.organizer_id, None, event.starts_at, LATER)
    assert await again(connection, gone) == gone
    assert EventMoved(event.id) in await announced(connection)


async def test_a_hold_ends_with_the_start_of_what_it_is_for(client, connection, me, event, booked):
    held = await booked(status=PENDING, hold_expires_at=NOW + timedelta(days=2))

    sooner = NOW + timedelta(hours=3)
    await client.patch(f"/events/{event.id}", json={"starts_at": sooner.isoformat()}, headers=me)

    assert (await again(connection, held)).hold_expires_at == sooner


async def test_everybody_is_told_once_where_and_when_it_is_now(
    client, doors, connection, me, event, monkeypatch
):
    monkeypatch.setattr(event_changes, "AT_ONCE", 2)
    people = [await make_user(connection) for _ in range(5)]
    for user in people:
        await book_seats(connection, event.id, user.id)
    await client.patch(f"/events/{event.id}", json={"location": "The park"}, headers=me)

    told = await deliver_all(doors)
    await deliver(doors, EventMoved(event.id))  # as after a crash
    await deliver_all(doors)

    assert sum(isinstance(one, BookingRescheduled) for one in told) == 5
    assert sum(isinstance(one, EventMoved) for one in told) == 3
    for user in people:
        (letter,) = await letters(doors, user.email)
        assert "The park" in letter.text


async def test_another_title_is_no_move(client, connection, me, event, booked):
    one = await booked()

    await client.patch(f"/events/{event.id}", json={"title": "Songs"}, headers=me)

    assert ((await again(connection, one)).title, await connection.all(NOTES, id=one.id)) == (
        "Songs",
        [],
    )
    assert await announced(connection) == []


@pytest.mark.parametrize(
    "given",
    [
        {"title": "Other"},
        {"max_participants": 40},
        {"starts_at": LATER.isoformat()},
        {"ends_at": LATER.isoformat()},
        {"cancellation_policy": {"free_until_minutes": 5, "late_fee_percent": 5}},
        {"status": "draft"},
        {"status": "cancelled"},
        {"ticket_types": [{"name": "A", "price": {"amount": 1, "currency": "EUR"}}]},
    ],
)
async def test_whatever_a_booking_is_decided_by_counts_as_another_version(
    client, connection, me, event, given
):
    before = await connection.first(VERSION, id=event.id)

    changed = await client.patch(f"/events/{event.id}", json=given, headers=me)

    assert changed.status_code == 200, changed.text
    assert await connection.first(VERSION, id=event.id) > before


async def test_more_seats_are_news_to_those_who_wait(client, connection, me, event):
    await connection.run(WAIT)

    fewer = await client.patch(f"/events/{event.id}", json={"max_participants": 40}, headers=me)
    assert await announced(connection) == []
    more = await client.patch(f"/events/{event.id}", json={"max_participants": 60}, headers=me)

    assert (fewer.json()["seats_available"], more.json()["seats_available"]) == (0, 0)
    assert await announced(connection) == [SeatsFreed(event.id)]


async def test_a_cancelled_event_cancels_every_booking_of_it_on_full_terms(
    client, doors, connection, me, event, booked, monkeypatch
):
    monkeypatch.setattr(event_changes, "AT_ONCE", 2)
    bookings = [
        await booked(seats=2),
        await booked(of_type="VIP", status=PENDING),
        await booked(of_type="VIP", late_fee_percent=100, free_until_minutes=100_000),
    ]
    over = await booked(status=BookingStatus.CANCELLED)

    answer = await client.post(
        f"/events/{event.id}/cancel", json={"reason": "The singer is ill."}, headers=me
    )

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert (shown["status"], shown["cancel_reason"]) == ("cancelled", "The singer is ill.")
    progress = f"/events/{event.id}/cancellation"
    assert (await client.get(progress, headers=me)).json() == {
        "total": 3,
        "cancelled": 0,
        "remaining": 3,
        "started_at": "2030-03-01T12:00:00Z",
        "finished_at": None,
    }
    async with doors.writing() as services:
        await services.event_changes.cancel_some(event.id)
    halfway = (await client.get(progress, headers=me)).json()
    assert (halfway["cancelled"], halfway["remaining"]) == (2, 1)

    told = await deliver_all(doors)

    for one in bookings:
        new = await again(connection, one)
        assert (new.status, new.late_fee_amount) == (BookingStatus.CANCELLED, 0)
        assert (new.cancelled_at, new.cancelled_by) == (NOW, event.organizer_id)
        assert new.cancel_reason == "The singer is ill."
        assert told.count(BookingCancelled(one.id)) == 1
        (note,) = await connection.all(NOTES, id=one.id)
        assert note[:3] == (ChangeKind.CANCELLED, event.organizer_id, "The singer is ill.")
        assert set(await connection.all(TICKETS, id=one.id)) == {"cancelled"}
    assert await again(connection, over) == over
    done = (await client.get(progress, headers=me)).json()
    assert (done["total"], done["cancelled"], done["remaining"]) == (3, 3, 0)
    assert done["finished_at"] == "2030-03-01T12:00:00Z"
    await ensure_counted(connection)


async def test_to_cancel_again_does_nothing_twice(client, doors, connection, me, event, booked):
    one = await booked()
    path = f"/events/{event.id}"

    for answer in (
        await client.patch(path, json={"status": "cancelled"}, headers=me),
        await client.post(f"{path}/cancel", headers=me),
        await client.patch(path, json={"status": "cancelled"}, headers=me),
    ):
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    await deliver_all(doors)
    await deliver(doors, EventCancelled(event.id))

    assert len(await connection.all(NOTES, id=one.id)) == 1
    assert not any(isinstance(m, BookingCancelled) for m in await announced(connection))
    await ensure_counted(connection)


async def test_a_batch_of_an_event_that_stands_cancels_nothing(doors, connection, event, booked):
    one = await booked()

    await deliver(doors, EventCancelled(event.id))

    assert await again(connection, one) == one


async def test_what_is_cancelled_stays_so_and_as_it_is(client, me, event):
    path = f"/events/{event.id}"
    await client.post(f"{path}/cancel", headers=me)

    for given, code in (
        ({"title": "x"}, "event-over"),
        (
            {"ticket_types": [{"name": "x", "price": {"amount": 5, "currency": "EUR"}}]},
            "event-over",
        ),
        ({"status": "published"}, "invalid-transition"),
        ({"status": "draft"}, "invalid-transition"),
    ):
        refused = await client.patch(path, json=given, headers=me)
        assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert (await client.get(path)).json()["status"] == "cancelled"
    assert (await client.get("/events")).json()["items"] == []
    assert len((await client.get("/events?status=cancelled")).json()["items"]) == 1


async def test_a_change_and_a_cancellation_can_come_together(client, me, event):
    both = await client.patch(
        f"/events/{event.id}", json={"title": "Called off", "status": "cancelled"}, headers=me
    )

    assert (both.json()["title"], both.json()["status"]) == ("Called off", "cancelled")


async def test_what_is_over_cannot_be_cancelled(client, connection, organizer, me):
    event, _ = await make_event(
        connection,
        organizer.id,
        now=NOW,
        starts_at=NOW - timedelta(hours=3),
        ends_at=NOW - timedelta(hours=1),
    )

    refused = await client.post(f"/events/{event.id}/cancel", headers=me)

    assert (refused.status_code, refused.json()["code"]) == (409, "invalid-transition")


async def test_progress_is_for_who_runs_it_and_only_of_what_is_cancelled(
    client, connection, adapters, me, event
):
    path = f"/events/{event.id}/cancellation"
    support = await sign_in(connection, adapters, Role.MANAGEMENT)
    stranger = await sign_in(connection, adapters, Role.ORGANIZER)

    stands = await client.get(path, headers=me)
    await client.post(f"/events/{event.id}/cancel", headers=me)

    assert (stands.status_code, stands.json()["code"]) == (409, "event-stands")
    for headers in (me, support):
        assert (await client.get(path, headers=headers)).json()["total"] == 0
    assert (await client.get(path, headers=stranger)).status_code == 403


async def test_nobody_waits_any_longer_for_what_is_cancelled(
    client, doors, connection, adapters, me, organizer
):
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=1)
    await book_seats(connection, event.id, (await make_user(connection)).id)
    waits = await sign_in(connection, adapters)
    joined = await client.post(f"/events/{event.id}/waitlist", json={"seats": 1}, headers=waits)
    assert joined.status_code == 201, joined.text

    await client.post(f"/events/{event.id}/cancel", headers=me)
    await deliver_all(doors)

    assert (await client.get(f"/events/{event.id}")).json()["waitlist"] == {"waiting": 0}
    await ensure_counted(connection)


async def test_who_organizes_is_erased_once_nobody_is_booked_any_more(
    client, doors, connection, organizer, me, event, booked
):
    await booked()
    await make_event(connection, organizer.id, now=NOW, title="Nobody came yet")

    refused = await client.request("DELETE", "/profile", headers=me)
    await client.post(f"/events/{event.id}/cancel", headers=me)
    await deliver_all(doors)
    gone = await client.request("DELETE", "/profile", headers=me)

    assert (refused.status_code, refused.json()["code"]) == (409, "has-bookings")
    assert gone.status_code == 204, gone.text
    assert (await client.get("/events")).json()["items"] == []
    for left in (await client.get("/events?status=cancelled")).json()["items"]:
        assert left["description"] is left["location"] is None


async def test_an_id_that_is_no_event_is_not_found(client, me):
    nowhere = UUID(int=7)

    for method, path in (("post", "cancel"), ("get", "cancellation")):
        answer = await getattr(client, method)(f"/events/{nowhere}/{path}", headers=me)
        assert answer.status_code == 404
