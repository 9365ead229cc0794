"""Single tickets of a booking given back: on its terms, seat by seat."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, select

from app.core.statements import Query
from app.domain.bookings import BookingReduced, BookingStatus
from app.domain.roles import Role
from app.models import EventCapacity, Tickets, TicketTypes
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.jobs import announced
from tests.factories.mail import letters
from tests.factories.seats import book_seats

EUR = "EUR"
IDS = Query(
    select(Tickets.id, TicketTypes.name)
    .join(TicketTypes, TicketTypes.id == Tickets.ticket_type_id)
    .where(Tickets.booking_id == bindparam("booking_id"))
    .order_by(Tickets.id),
    lambda id_, name: (id_, name),
)
TAKEN = Query(select(EventCapacity.taken), int)
OF_TYPES = Query(select(TicketTypes.name, TicketTypes.taken), lambda name, taken: (name, taken))


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def seller(connection, adapters, organizer):
    return await sign_in(connection, adapters, user_id=organizer.id)


@pytest.fixture
async def event(connection, organizer):
    """Late by two days before it starts; and then half of the price is due."""
    types = [ticket_type("Early", 1001, 3), ticket_type("Late", 2500)]
    event, _ = await make_event(
        connection,
        organizer.id,
        now=NOW,
        seats=5,
        types=types,
        free_until_minutes=2 * 24 * 60,
        late_fee_percent=50,
    )
    return event


@pytest.fixture
async def booking(client, connection, event, me, seller):
    """Two early tickets and one late, confirmed."""
    types = dict(await connection.all(TYPE_IDS))
    wanted = [
        {"ticket_type_id": str(types[name]), "quantity": number}
        for name, number in (("Early", 2), ("Late", 1))
    ]
    body = {"event_id": str(event.id), "tickets": wanted}
    made = await client.post("/bookings", json=body, headers=me)
    assert made.status_code == 201, made.text
    return made.json()


TYPE_IDS = Query(select(TicketTypes.name, TicketTypes.id), lambda name, id_: (name, id_))


@pytest.fixture
async def tickets(connection, booking):
    """Return the ids of its tickets: two early ones, and the late one."""
    found = await connection.all(IDS, booking_id=booking["id"])
    return [id_ for name in ("Early", "Late") for id_, of in found if of == name]


@pytest.fixture
def give_back(client, booking, me):
    async def send(ticket_id, headers=me, of=booking["id"], **body):
        path = f"/bookings/{of}/tickets/{ticket_id}"
        return await client.request("DELETE", path, headers=headers, json=body or None)

    return send


def euros(amount):
    return {"amount": amount, "currency": EUR}


def told(answer):
    return answer.status_code, answer.json().get("code")


async def test_one_ticket_less_is_one_seat_less_of_its_type(
    client, connection, booking, tickets, give_back, me
):
    answer = await give_back(tickets[0], reason="Bob is ill.")

    left = answer.json()
    assert answer.status_code == 200, answer.text
    assert (left["seats"], left["price"], left["status"]) == (2, euros(3501), "pending")
    assert [(item["name"], item["quantity"], item["total"]) for item in left["items"]] == [
        ("Early", 1, euros(1001)),
        ("Late", 1, euros(2500)),
    ]
    assert await connection.first(TAKEN) == 2
    assert dict(await connection.all(OF_TYPES)) == {"Early": 1, "Late": 1}
    kept = (await client.get(f"/bookings/{booking['id']}", headers=me)).json()
    assert kept == {name: left[name] for name in kept}
    history = (await client.get(f"/bookings/{booking['id']}/history", headers=me)).json()["items"]
    assert [(one["kind"], one["reason"]) for one in history] == [
        ("booked", None),
        ("reduced", "Bob is ill."),
    ]
    await ensure_counted(connection)


async def test_a_type_of_which_none_is_left_is_no_item_any_more(connection, tickets, give_back):
    left = (await give_back(tickets[2])).json()

    assert [item["name"] for item in left["items"]] == ["Early"]
    assert left["price"] == euros(2002)
    assert dict(await connection.all(OF_TYPES)) == {"Early": 2, "Late": 0}
    await ensure_counted(connection)


async def test_the_last_ticket_cancels_the_booking(connection, tickets, give_back):
    answers = [await give_back(ticket) for ticket in tickets]

    assert [answer.json()["status"] for answer in answers] == ["pending", "pending", "cancelled"]
    assert await connection.first(TAKEN) == 0
    assert dict(await connection.all(OF_TYPES)) == {"Early": 0, "Late": 0}
    await ensure_counted(connection)
    assert told(await give_back(tickets[2])) == (409, "invalid-transition")


async def test_a_ticket_is_given_back_once(connection, tickets, give_back):
    first = await give_back(tickets[0])
    second = await give_back(tickets[0])

    assert first.status_code == 200
    assert told(second) == (409, "invalid-transition")
    assert await connection.first(TAKEN) == 2
    await ensure_counted(connection)


async def test_the_seat_goes_to_who_waits_for_it(
    client, connection, adapters, doors, event, tickets, give_back
):
    await book_seats(
        connection, event.id, (await make_user(connection)).id, seats=2, of_type="Late"
    )
    waiting = await make_user(connection)
    theirs = await sign_in(connection, adapters, user_id=waiting.id)
    path = f"/events/{event.id}/waitlist"
    assert (await client.post(path, headers=theirs)).status_code == 201

    await give_back(tickets[0])

    (entry,) = (await client.get(path, headers=theirs)).json()["items"]
    assert entry["status"] == "offered"
    assert await connection.first(TAKEN) == 5  # of which one is kept for them
    (letter,) = await letters(doors, waiting.email)
    assert letter.subject == "Seats came free for you"
    await ensure_counted(connection)


async def test_early_it_costs_nothing_and_late_what_the_policy_says(
    connection, adapters, tickets, give_back, event, clock, booking, customer
):
    early = (await give_back(tickets[0])).json()
    clock.now = NOW + timedelta(minutes=10)
    soon = await book_seats(
        connection,
        event.id,
        customer.id,
        seats=2,
        of_type="Early",
    )
    clock.now = event.starts_at - timedelta(days=1)
    me = await sign_in(connection, adapters, user_id=customer.id)
    (ticket_id, _), (other_id, _) = await connection.all(IDS, booking_id=soon.id)

    late = (await give_back(ticket_id, me, soon.id)).json()
    last = (await give_back(other_id, me, soon.id)).json()

    assert early["late_fee"] is None
    assert (late["price"], late["late_fee"]) == (euros(1001), euros(501))
    assert late["status"] == "confirmed"
    assert (last["status"], last["late_fee"]) == ("cancelled", euros(1002))


async def test_the_organizer_takes_it_back_for_nothing(
    connection, adapters, give_back, event, clock, customer, organizer
):
    made = await book_seats(connection, event.id, customer.id, seats=2, of_type="Late")
    (ticket_id, _), _ = await connection.all(IDS, booking_id=made.id)
    clock.now = event.starts_at - timedelta(hours=1)
    seller = await sign_in(connection, adapters, user_id=organizer.id)

    answer = await give_back(ticket_id, seller, made.id)

    assert (answer.status_code, answer.json()["late_fee"]) == (200, None)
    await ensure_counted(connection)


async def test_a_ticket_of_a_confirmed_booking_is_told_by_letter(
    client, connection, doors, event, customer, give_back
):
    made = await book_seats(connection, event.id, customer.id, seats=2, of_type="Late")
    (ticket_id, _), *_ = await connection.all(IDS, booking_id=made.id)

    await give_back(ticket_id, of=made.id)

    assert BookingReduced(made.id) in await announced(connection)
    told = {letter.subject: letter for letter in await letters(doors, customer.email)}
    letter = told["Your booking has fewer seats now"]
    assert "An evening of songs" in letter.text
    assert "1 seat is left" in letter.text
    assert "1 Church Square, Berlin" in letter.text
    (file,) = letter.attachments
    assert file.name == "booking.ics"


async def test_with_a_ticket_somebody_came_in_with_nothing_is_given_back(
    client, connection, adapters, event, customer, give_back, seller, me
):
    made = await book_seats(connection, event.id, customer.id, seats=2, of_type="Late")
    shown = (await client.get(f"/bookings/{made.id}/tickets", headers=me)).json()["items"]
    path = f"/events/{event.id}/check-in"
    await client.post(path, headers=seller, json={"code": shown[0]["code"]})

    used = await give_back(shown[0]["id"], of=made.id)
    cancelled = await client.post(f"/bookings/{made.id}/cancel", headers=me)
    other = await give_back(shown[1]["id"], of=made.id)
    last = await give_back(shown[0]["id"], of=made.id)

    assert told(used) == told(cancelled) == (409, "invalid-transition")
    assert other.status_code == 200
    assert told(last) == (409, "invalid-transition")
    await ensure_counted(connection)


async def test_once_it_has_begun_the_customer_gives_nothing_back(
    connection, adapters, event, clock, customer, give_back, organizer
):
    made = await book_seats(connection, event.id, customer.id, seats=2, of_type="Late")
    (first, _), (second, _) = await connection.all(IDS, booking_id=made.id)
    clock.now = event.starts_at
    me = await sign_in(connection, adapters, user_id=customer.id)
    seller = await sign_in(connection, adapters, user_id=organizer.id)

    mine = await give_back(first, me, made.id)
    theirs = await give_back(first, seller, made.id)
    clock.now = event.ends_at
    over = await give_back(second, seller, made.id)

    assert [told(mine), theirs.status_code, told(over)] == [
        (409, "invalid-transition"),
        200,
        (409, "invalid-transition"),
    ]
    await ensure_counted(connection)


@pytest.mark.parametrize("status", [BookingStatus.CANCELLED, BookingStatus.COMPLETED])
async def test_of_what_is_over_nothing_is_given_back(
    connection, event, customer, give_back, status
):
    made = await book_seats(
        connection, event.id, customer.id, seats=2, of_type="Late", status=status
    )
    (ticket_id, _), _ = await connection.all(IDS, booking_id=made.id)

    assert told(await give_back(ticket_id, of=made.id)) == (409, "invalid-transition")


async def test_a_lapsed_hold_has_nothing_to_give_back(
    connection, adapters, tickets, give_back, clock
):
    clock.forward(minutes=15)

    assert told(await give_back(tickets[0])) == (409, "invalid-transition")
    await ensure_counted(connection)


async def test_what_is_another_s_is_not_there(
    connection, adapters, event, tickets, give_back, customer
):
    stranger = await make_user(connection)
    theirs = await book_seats(connection, event.id, stranger.id, of_type="Late")
    ((other, _),) = await connection.all(IDS, booking_id=theirs.id)
    they = await sign_in(connection, adapters, user_id=stranger.id)
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    visit = await make_booking(connection, customer.id, offering, provider, starts_at=at(60))

    assert told(await give_back(tickets[0], they)) == (404, "booking-not-found")
    assert told(await give_back(other)) == (404, "ticket-not-found")
    assert told(await give_back(uuid4())) == (404, "ticket-not-found")
    assert told(await give_back(tickets[0], of=uuid4())) == (404, "booking-not-found")
    assert told(await give_back(tickets[0], of=visit.id)) == (404, "ticket-not-found")
    await ensure_counted(connection)
