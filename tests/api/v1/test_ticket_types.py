"""What the seats of an event are sold as, over HTTP."""

from datetime import timedelta

import pytest

from app.domain.bookings import BookingStatus
from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.seats import book_seats

EUROS = {"amount": 4500, "currency": "EUR"}
SEAT = {"name": "Balcony", "price": EUROS}
NOBODY = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def me(connection, adapters, organizer):
    return await sign_in(connection, adapters, user_id=organizer.id)


@pytest.fixture
async def sold_as(connection, organizer):
    """An event of ten seats, and its two types."""
    types = [ticket_type("Hall", 3000), ticket_type("Box", 6000, 4)]
    event, (hall, box) = await make_event(connection, organizer.id, now=NOW, seats=10, types=types)
    return event, hall, box


@pytest.fixture
def path(sold_as):
    return f"/events/{sold_as[0].id}/ticket-types"


async def test_types_are_listed_with_the_seats_there_are(client, path):
    found = (await client.get(path, params={"sort": "price"})).json()

    assert [(one["name"], one["capacity"]) for one in found["items"]] == [("Hall", 10), ("Box", 4)]
    assert found["next_cursor"] is None
    first = (await client.get(path, params={"sort": "-price", "limit": 1})).json()
    assert [one["name"] for one in first["items"]] == ["Box"]
    rest = await client.get(path, params={"sort": "-price", "cursor": first["next_cursor"]})
    assert [one["name"] for one in rest.json()["items"]] == ["Hall"]


async def test_a_type_is_added_with_its_defaults(client, me, path, sold_as):
    added = await client.post(path, json=SEAT, headers=me)

    assert added.status_code == 201, added.text
    assert added.json() == {
        **SEAT,
        "id": added.json()["id"],
        "capacity": 10,
        "taken": 0,
        "max_per_booking": 10,
        "sales_start": None,
        "sales_end": None,
    }
    cheap = {"name": "Stairs", "price": {"amount": 100, "currency": "EUR"}}
    assert (await client.post(path, json=cheap, headers=me)).status_code == 201
    event = (await client.get(f"/events/{sold_as[0].id}")).json()
    assert event["price_from"] == cheap["price"]
    assert len(event["ticket_types"]) == 4


async def test_the_same_key_adds_a_type_once(client, me, path):
    headers = {**me, "Idempotency-Key": "one"}

    for _ in range(2):
        assert (await client.post(path, json=SEAT, headers=headers)).status_code == 201

    assert len((await client.get(path)).json()["items"]) == 3


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"name": ""}, "#/name"),
        ({"name": "x" * 101}, "#/name"),
        ({"name": "a\u0000b"}, "#/name"),
        ({"name": None}, "#/name"),
        ({"price": None}, "#/price"),
        ({"price": {"amount": -1, "currency": "EUR"}}, "#/price/amount"),
        ({"price": {"amount": "45", "currency": "EUR"}}, "#/price/amount"),
        ({"price": {"amount": 45, "currency": "USD"}}, "#/ticket_types"),
        ({"capacity": 0}, "#/capacity"),
        ({"capacity": -3}, "#/capacity"),
        ({"capacity": 2.5}, "#/capacity"),
        ({"capacity": "5"}, "#/capacity"),
        ({"capacity": 11}, "#/capacity"),
        ({"capacity": 10**12}, "#/capacity"),
        ({"max_per_booking": 0}, "#/max_per_booking"),
        ({"max_per_booking": 101}, "#/max_per_booking"),
        ({"max_per_booking": None}, "#/max_per_booking"),
        ({"sales_start": "tomorrow"}, "#/sales_start"),
        ({"sales_start": "2030-03-10T00:00:00"}, "#/sales_start"),
        (
            {"sales_start": "2030-03-10T00:00:00Z", "sales_end": "2030-03-09T00:00:00Z"},
            "#/sales_end",
        ),
        ({"taken": 5}, "#/taken"),
        ({"id": NOBODY}, "#/id"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(client, me, path, sold_as, given, pointer):
    before = (await client.get(path)).json()

    added = await client.post(path, json=SEAT | given, headers=me)
    changed = await client.patch(f"{path}/{sold_as[1].id}", json=given, headers=me)

    for answer in (added, changed):
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await client.get(path)).json() == before


async def test_a_price_change_keeps_what_was_booked(client, connection, me, path, sold_as):
    event, hall, _ = sold_as
    customer = await make_user(connection)
    booking = await book_seats(connection, event.id, customer.id, seats=2)

    changed = await client.patch(f"{path}/{hall.id}", json={"price": EUROS}, headers=me)

    assert changed.json()["price"] == EUROS
    found = await client.get(f"/bookings/{booking.id}", headers=me)
    assert found.json()["price"] == {"amount": 6000, "currency": "EUR"}


async def test_a_capacity_never_falls_under_what_is_taken(client, connection, me, path, sold_as):
    event, hall, box = sold_as
    for name, seats in (("Hall", 3), ("Box", 2)):
        customer = await make_user(connection)
        await book_seats(connection, event.id, customer.id, seats=seats, of_type=name)

    async def becomes(one, capacity):
        return await client.patch(f"{path}/{one.id}", json={"capacity": capacity}, headers=me)

    refused = await becomes(box, 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "capacity-taken")
    assert refused.json()["taken"] == 2
    assert (await becomes(hall, 2)).json()["taken"] == 3
    assert (await becomes(hall, 3)).json()["capacity"] == 3
    assert (await becomes(box, 2)).json()["capacity"] == 2
    shown = (await client.get(f"/events/{event.id}")).json()
    assert (shown["seats_taken"], shown["seats_available"]) == (5, 0)
    assert (await becomes(box, None)).json()["capacity"] == 10
    await ensure_counted(connection)


async def test_all_that_is_free_changes_its_currency_with_the_first_price(
    client, connection, organizer, me
):
    event, _ = await make_event(connection, organizer.id, now=NOW)
    dollars = {"amount": 500, "currency": "USD"}

    added = await client.post(
        f"/events/{event.id}/ticket-types", json={"name": "Paid", "price": dollars}, headers=me
    )

    assert (added.status_code, added.json()["price"]) == (201, dollars)
    shown = (await client.get(f"/events/{event.id}")).json()
    assert shown["price_from"] == {"amount": 0, "currency": "USD"}


async def test_a_type_is_deleted_unless_it_was_ever_sold_or_is_the_last(
    client, connection, me, path, sold_as
):
    event, hall, box = sold_as
    customer = await make_user(connection)
    await book_seats(connection, event.id, customer.id, status=BookingStatus.CANCELLED)

    sold = await client.delete(f"{path}/{hall.id}", headers=me)
    gone = await client.delete(f"{path}/{box.id}", headers=me)
    last = await client.delete(f"{path}/{hall.id}", headers=me)

    assert (sold.status_code, sold.json()["code"]) == (409, "has-bookings")
    assert gone.status_code == 204
    assert (last.status_code, last.json()["code"]) == (409, "last-ticket-type")
    assert (await client.delete(f"{path}/{box.id}", headers=me)).status_code == 404


async def test_a_type_of_another_event_is_not_found_here(client, connection, organizer, me, path):
    _, (other,) = await make_event(connection, organizer.id, now=NOW)

    for answer in (
        await client.patch(f"{path}/{other.id}", json={"name": "x"}, headers=me),
        await client.delete(f"{path}/{other.id}", headers=me),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "ticket-type-not-found")


async def test_only_who_may_change_the_event_may_change_what_it_is_sold_as(
    client, connection, adapters, path, sold_as
):
    _, hall, _ = sold_as

    for role, status in ((Role.ORGANIZER, 403), (Role.CUSTOMER, 403), (Role.ADMIN, 200)):
        headers = await sign_in(connection, adapters, role)
        answer = await client.patch(f"{path}/{hall.id}", json={"name": "x"}, headers=headers)
        assert answer.status_code == status
    assert (await client.patch(f"{path}/{hall.id}", json={"name": "y"})).status_code == 401


async def test_the_types_of_a_draft_or_of_what_is_over_are_left_alone(
    client, connection, organizer, me
):
    draft, _ = await make_event(connection, organizer.id, now=NOW, status="draft")
    over, (only,) = await make_event(
        connection,
        organizer.id,
        now=NOW,
        starts_at=NOW - timedelta(hours=3),
        ends_at=NOW - timedelta(hours=1),
    )

    assert (await client.get(f"/events/{draft.id}/ticket-types")).status_code == 404
    assert (await client.get(f"/events/{draft.id}/ticket-types", headers=me)).status_code == 200
    refused = await client.patch(
        f"/events/{over.id}/ticket-types/{only.id}", json={"name": "x"}, headers=me
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "event-over")


async def test_there_are_fifty_types_at_most(client, connection, organizer, me):
    types = [ticket_type(f"T{number}") for number in range(50)]
    event, _ = await make_event(connection, organizer.id, now=NOW, types=types)

    refused = await client.post(f"/events/{event.id}/ticket-types", json=SEAT, headers=me)

    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-ticket-types")


async def test_what_was_sold_in_a_currency_is_sold_in_no_other(
    client, connection, adapters, organizer, me
):
    event, (only,) = await make_event(
        connection, organizer.id, now=NOW, seats=5, types=[ticket_type("Hall", 3000)]
    )
    path, yen = f"/events/{event.id}/ticket-types/{only.id}", {"amount": 5, "currency": "JPY"}
    asked = {"event_id": str(event.id), "seats": 1}
    customer = await sign_in(connection, adapters)
    assert (await client.post("/bookings", json=asked, headers=customer)).status_code == 201

    refused = await client.patch(path, json={"price": yen}, headers=me)
    dearer = await client.patch(path, json={"price": EUROS}, headers=me)

    assert (refused.status_code, refused.json()["code"]) == (422, "currencies-differ")
    assert dearer.status_code == 200
