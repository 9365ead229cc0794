"""Seats at an event: booked, given back, and never more than there are."""

from datetime import timedelta

import pytest

from app.domain.events import EventStatus
from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import ensure_counted, make_event, ticket_type

HOUR = timedelta(hours=1)


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def me(connection, adapters):
    return await sign_in(connection, adapters)


async def book(client, headers, event, **asked):
    return await client.post(
        "/bookings", json={"event_id": str(event.id), **asked}, headers=headers
    )


def of_type(*wanted):
    return {"tickets": [{"ticket_type_id": str(one.id), "quantity": n} for one, n in wanted]}


async def test_free_seats_are_booked_at_once(client, connection, organizer, me):
    event, (standard,) = await make_event(connection, organizer.id, now=NOW)

    answer = await book(client, me, event, seats=3, notes="We come by bus.")

    booking = answer.json()
    assert (answer.status_code, booking["kind"], booking["status"]) == (201, "event", "confirmed")
    assert (booking["event_id"], booking["seats"]) == (str(event.id), 3)
    assert booking["service_id"] is booking["provider_id"] is booking["hold_expires_at"] is None
    assert booking["starts_at"] == event.starts_at.isoformat().replace("+00:00", "Z")
    nothing = {"amount": 0, "currency": "EUR"}
    assert booking["items"] == [
        {
            "ticket_type_id": str(standard.id),
            "name": "Standard",
            "quantity": 3,
            "unit_price": nothing,
            "total": nothing,
        }
    ]
    assert (booking["price"], booking["payment_status"]) == (nothing, "not_required")
    found = await client.get(f"/bookings/{booking['id']}", headers=me)
    assert found.json() == booking
    await ensure_counted(connection)


async def test_seats_that_cost_are_held_until_they_are_paid(client, connection, organizer, me):
    types = [ticket_type("Early", 1500), ticket_type("Late", 2500)]
    event, (early, late) = await make_event(connection, organizer.id, now=NOW, types=types)

    answer = await book(client, me, event, **of_type((late, 1), (early, 2), (late, 1)))

    booking = answer.json()
    assert (answer.status_code, booking["status"], booking["payment_status"]) == (
        201,
        "pending",
        "unpaid",
    )
    assert booking["price"] == {"amount": 8000, "currency": "EUR"}
    assert [(item["name"], item["quantity"]) for item in booking["items"]] == [
        ("Late", 2),
        ("Early", 2),
    ]
    assert booking["hold_expires_at"] == "2030-03-01T12:15:00Z"
    await ensure_counted(connection)


async def test_when_sold_out_it_is_told_how_many_there_are(client, connection, organizer, me):
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=5)
    await book(client, me, event, seats=3)

    refused = await book(client, me, event, seats=3)
    rest = await book(client, me, event, seats=2)
    none = await book(client, me, event, seats=1)

    assert (refused.status_code, refused.json()["code"]) == (409, "sold-out")
    assert (refused.json()["available"], none.json()["available"]) == (2, 0)
    assert rest.status_code == 201
    await ensure_counted(connection)


async def test_a_type_has_a_capacity_of_its_own(client, connection, organizer, me):
    types = [ticket_type("VIP", 0, 2), ticket_type("Standard", 0)]
    event, (vip, standard) = await make_event(connection, organizer.id, now=NOW, types=types)

    over = await book(client, me, event, **of_type((vip, 3)))
    both = await book(client, me, event, **of_type((vip, 2), (standard, 5)))
    more = await book(client, me, event, **of_type((vip, 1), (standard, 1)))

    assert [over.json()["available"], both.status_code, more.json()["available"]] == [2, 201, 0]
    await ensure_counted(connection)


async def test_a_lapsed_hold_frees_its_seats_for_the_next_who_needs_them(
    client, connection, organizer, me, clock
):
    types = [ticket_type("Paid", 1000)]
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=2, types=types)
    held = (await book(client, me, event, seats=2)).json()
    before = await book(client, me, event, seats=1)

    clock.forward(minutes=15)
    after = await book(client, me, event, seats=2)

    assert (before.status_code, after.status_code) == (409, 201)
    shown = (await client.get(f"/bookings/{held['id']}", headers=me)).json()
    assert shown["status"] == "expired"
    await ensure_counted(connection)


async def test_a_cancelled_booking_frees_its_seats(client, connection, organizer, me):
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=2)
    booking = (await book(client, me, event, seats=2)).json()

    cancelled = await client.post(f"/bookings/{booking['id']}/cancel", headers=me)

    assert cancelled.json()["status"] == "cancelled"
    assert (await book(client, me, event, seats=2)).status_code == 201
    await ensure_counted(connection)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": EventStatus.DRAFT}, (404, "event-not-found")),
        ({"status": EventStatus.CANCELLED}, (409, "event-not-bookable")),
        ({"status": EventStatus.COMPLETED}, (409, "event-not-bookable")),
        ({"starts_at": NOW}, (409, "event-not-bookable")),
        ({"types": [ticket_type(sales_start=NOW + HOUR)]}, (409, "event-not-bookable")),
        ({"types": [ticket_type(sales_end=NOW)]}, (409, "event-not-bookable")),
    ],
)
async def test_what_is_not_sold_now_is_refused(client, connection, organizer, me, changes, code):
    event, _ = await make_event(connection, organizer.id, now=NOW, **changes)

    refused = await book(client, me, event, seats=1)

    assert (refused.status_code, refused.json()["code"]) == code


async def test_an_organizer_is_told_that_their_draft_cannot_be_booked(
    client, connection, organizer, adapters
):
    event, _ = await make_event(connection, organizer.id, now=NOW, status=EventStatus.DRAFT)
    theirs = await sign_in(connection, adapters, user_id=organizer.id)

    assert (await book(client, theirs, event, seats=1)).json()["code"] == "event-not-bookable"


async def test_so_many_of_a_type_and_no_more_go_into_a_booking(client, connection, organizer, me):
    types = [ticket_type(max_per_booking=4), ticket_type("Other")]
    event, (few, _) = await make_event(connection, organizer.id, now=NOW, types=types)

    four = await book(client, me, event, **of_type((few, 4)))
    five = await book(client, me, event, **of_type((few, 2), (few, 3)))

    assert four.status_code == 201
    assert (five.status_code, five.json()["code"]) == (422, "too-many-tickets")
    assert five.json()["errors"][0]["pointer"] == "#/tickets/1/quantity"


async def test_tickets_of_another_event_are_unknown_here(client, connection, organizer, me):
    event, _ = await make_event(connection, organizer.id, now=NOW)
    _, (foreign,) = await make_event(connection, organizer.id, now=NOW)

    refused = await book(client, me, event, **of_type((foreign, 1)))

    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-ticket-type")


async def test_of_several_types_one_has_to_be_named(client, connection, organizer, me):
    types = [ticket_type("A"), ticket_type("B")]
    event, _ = await make_event(connection, organizer.id, now=NOW, types=types)

    refused = await book(client, me, event, seats=2)

    assert (refused.status_code, refused.json()["code"]) == (422, "ticket-type-needed")


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"seats": 0}, "#/seats"),
        ({"seats": -1}, "#/seats"),
        ({"seats": 1.5}, "#/seats"),
        ({"seats": "2"}, "#/seats"),
        ({"seats": True}, "#/seats"),
        ({"seats": 10**9}, "#/seats"),
        ({"seats": None}, "#/tickets"),
        ({"tickets": []}, "#/tickets"),
        ({"tickets": [{}]}, "#/tickets/0/ticket_type_id"),
        ({"seats": 1, "tickets": [{"ticket_type_id": str(NOW.year), "quantity": 1}]}, None),
        ({"seats": 1, "starts_at": "2030-03-01T13:00:00Z"}, "#/starts_at"),
        ({"seats": 1, "provider_id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"}, "#/provider_id"),
        ({"seats": 1, "service_id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"}, "#/service_id"),
        ({"seats": 1, "event_id": None}, "#/service_id"),
    ],
)
async def test_what_is_wrong_is_pointed_at(client, connection, organizer, me, asked, pointer):
    event, _ = await make_event(connection, organizer.id, now=NOW)

    refused = await book(client, me, event, **asked)

    assert refused.status_code == 422
    if pointer:
        assert refused.json()["errors"][0]["pointer"] == pointer


async def test_the_same_request_twice_takes_seats_once(client, connection, organizer, me):
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=2)
    keyed = {**me, "Idempotency-Key": "k1"}

    first = await book(client, keyed, event, seats=2)
    again = await book(client, keyed, event, seats=2)
    other = await book(client, keyed, event, seats=1)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    await ensure_counted(connection)


async def test_a_refused_request_leaves_its_key_free(client, connection, organizer, me):
    event, _ = await make_event(connection, organizer.id, now=NOW, seats=2)
    booking = (await book(client, me, event, seats=2)).json()
    keyed = {**me, "Idempotency-Key": "k1"}

    refused = await book(client, keyed, event, seats=2)
    await client.post(f"/bookings/{booking['id']}/cancel", headers=me)

    assert (refused.status_code, (await book(client, keyed, event, seats=2)).status_code) == (
        409,
        201,
    )
