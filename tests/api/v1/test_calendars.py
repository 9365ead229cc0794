"""A booking as a file for a calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from app.domain.bookings import BookingStatus
from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at

TEN = datetime(2030, 3, 4, 10, tzinfo=UTC)


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, location="Main street 1, Riga")


@pytest.fixture
async def customer(connection):
    return await make_user(connection, full_name="Ada Lovelace")


@pytest.fixture
async def book(connection, provider, customer):
    async def make(**changes):
        offering = await make_offering(connection, provider, name="Haircut")
        return await make_booking(
            connection, customer.id, offering, provider, **{"starts_at": TEN, **changes}
        )

    return make


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


async def file_of(client, booking, who):
    answer = await client.get(f"/bookings/{booking.id}/calendar.ics", headers=who)
    assert answer.status_code == 200, answer.text
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    return answer, calendar, event


async def test_a_customer_s_file_says_what_when_where_and_with_whom(client, book, me):
    booking = await book(notes="Second door\nleft", sequence=2)

    answer, calendar, event = await file_of(client, booking, me)

    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="booking.ics"'
    assert calendar["method"] == "PUBLISH"
    assert (event["uid"], event["sequence"]) == (f"{booking.id}@test", 2)
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (TEN, TEN + timedelta(hours=1))
    assert (event["summary"], event["location"]) == ("Haircut", "Main street 1, Riga")
    assert event["description"] == "Vera Barber\n\nSecond door\nleft"
    assert event["status"] == "CONFIRMED"
    assert "Ada" not in answer.text


async def test_a_provider_s_file_says_for_whom(client, connection, adapters, provider, book):
    booking = await book(notes="Second door")
    seller = await sign_in(connection, adapters, user_id=provider.user_id)

    _, _, event = await file_of(client, booking, seller)

    assert event["summary"] == "Haircut: Ada Lovelace"
    assert event["description"] == "Ada Lovelace\n\nSecond door"


@pytest.mark.parametrize(
    ("changes", "status", "method"),
    [
        ({"status": BookingStatus.COMPLETED}, "CONFIRMED", "PUBLISH"),
        ({"status": BookingStatus.NO_SHOW}, "CONFIRMED", "PUBLISH"),
        ({"status": BookingStatus.PENDING, "hold_expires_at": at(9)}, "TENTATIVE", "PUBLISH"),
        ({"status": BookingStatus.PENDING, "hold_expires_at": at(0)}, "CANCELLED", "CANCEL"),
        ({"status": BookingStatus.EXPIRED}, "CANCELLED", "CANCEL"),
        ({"status": BookingStatus.DECLINED}, "CANCELLED", "CANCEL"),
        ({"status": BookingStatus.CANCELLED}, "CANCELLED", "CANCEL"),
    ],
)
async def test_a_file_tells_whether_it_takes_place(client, book, me, changes, status, method):
    _, calendar, event = await file_of(client, await book(**changes), me)

    assert (event["status"], calendar["method"]) == (status, method)


async def test_a_booking_keeps_its_name_and_counts_its_changes(client, adapters, connection):
    customer = await make_user(connection)
    me = await sign_in(connection, adapters, user_id=customer.id)
    offering = await make_offering(connection)
    body = {"service_id": str(offering.id), "starts_at": "2030-03-04T10:00:00Z"}
    booking = (await client.post("/bookings", json=body, headers=me)).json()
    path = f"/bookings/{booking['id']}"

    events = [await event_at(client, path, me)]
    later = {"starts_at": "2030-03-04T12:00:00Z"}
    assert (await client.post(f"{path}/reschedule", json=later, headers=me)).status_code == 200
    events.append(await event_at(client, path, me))
    assert (await client.post(f"{path}/cancel", headers=me)).status_code == 200
    events.append(await event_at(client, path, me))

    assert {event["uid"] for event in events} == {f"{booking['id']}@test"}
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert [event.decoded("dtstart").hour for event in events] == [10, 12, 12]
    assert [event["status"] for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


async def event_at(client, path, who):
    answer = await client.get(f"{path}/calendar.ics", headers=who)
    return Calendar.from_ical(answer.content).walk("VEVENT")[0]


async def test_who_may_not_see_a_booking_gets_no_file(client, connection, adapters, book):
    booking = await book()
    stranger = await sign_in(connection, adapters)
    staff = await sign_in(connection, adapters, Role.MANAGEMENT)

    refused = await client.get(f"/bookings/{booking.id}/calendar.ics", headers=stranger)

    assert (refused.status_code, refused.json()["code"]) == (404, "booking-not-found")
    assert (await file_of(client, booking, staff))[2]["summary"] == "Haircut"
