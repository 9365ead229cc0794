"""Tickets over HTTP: of a booking, changing hands, and the key their codes are checked with."""

from base64 import urlsafe_b64decode
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.domain.bookings import BookingStatus
from app.domain.roles import Role
from app.domain.ticket_codes import TicketCode
from app.domain.ticket_transfers import MOST
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import ensure_counted, make_event
from tests.factories.jobs import announced
from tests.factories.seats import book_seats


async def test_a_scanner_without_a_network_tells_our_codes_from_others(client, adapters):
    ticket = TicketCode(uuid4(), uuid4(), 1)
    jwk = (await client.get("/tickets/key")).json()

    assert jwk.keys() == {"kty", "crv", "x", "kid", "use"}
    assert (jwk["kty"], jwk["crv"], jwk["use"]) == ("OKP", "Ed25519", "sig")
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"] + "="))
    packed = urlsafe_b64decode(adapters.ticket_signer.write(ticket))
    key.verify(packed[35:], packed[:35])
    assert packed[:1] == b"\x01"
    assert packed[1:17] == ticket.ticket_id.bytes
    assert packed[17:33] == ticket.event_id.bytes
    assert packed[33:35] == b"\x00\x01"
    with pytest.raises(InvalidSignature):
        key.verify(packed[35:], packed[:34] + b"\x02")


async def test_the_key_is_kept_for_an_hour_and_asked_for_by_its_tag(client):
    first = await client.get("/tickets/key")

    again = await client.get("/tickets/key", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert again.status_code == 304
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def customer(connection):
    return await make_user(connection, full_name="Ada Lovelace")


@pytest.fixture
async def event(connection, organizer):
    return (await make_event(connection, organizer.id, now=NOW))[0]


@pytest.fixture
async def booking(connection, event, customer):
    return await book_seats(connection, event.id, customer.id, seats=2)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
def listed(client, booking, me):
    async def get(of=booking.id, headers=me):
        answer = await client.get(f"/bookings/{of}/tickets", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    return get


@pytest.fixture
def transfer(client, booking, listed, me):
    async def send(headers=me, ticket_id=None, **body):
        ticket_id = ticket_id or (await listed())[0]["id"]
        path = f"/bookings/{booking.id}/tickets/{ticket_id}/transfer"
        return await client.post(path, json=body, headers=headers)

    return send


def told(answer):
    return answer.status_code, answer.json().get("code")


async def test_a_booking_has_a_ticket_with_a_code_for_each_seat(
    adapters, event, booking, listed, organizer, connection
):
    first, second = await listed()

    assert first == {
        "id": first["id"],
        "booking_id": str(booking.id),
        "event_id": str(event.id),
        "code": first["code"],
        "ticket_type_id": booking.items[0][0],
        "ticket_type": "Standard",
        "attendee_name": None,
        "attendee_email": None,
        "status": "valid",
        "checked_in_at": None,
    }
    assert first["code"] != second["code"]
    read = adapters.ticket_signer.read(first["code"])
    assert read == TicketCode(UUID(first["id"]), event.id, 0)
    theirs = await sign_in(connection, adapters, user_id=organizer.id)
    assert await listed(headers=theirs) == [first, second]


async def test_who_may_only_look_is_told_no_codes(client, connection, adapters, listed, booking):
    looks = await make_user(connection, permissions=["bookings:read_any"])
    headers = await sign_in(connection, adapters, user_id=looks.id)

    tickets = await listed(headers=headers)

    assert [ticket["code"] for ticket in tickets] == [None, None]
    path = f"/bookings/{booking.id}/tickets/{tickets[0]['id']}"
    for refused in (f"{path}/qr.svg", f"{path}/qr.png", f"/bookings/{booking.id}/tickets.pdf"):
        assert told(await client.get(refused, headers=headers)) == (403, "forbidden")


async def test_others_see_no_tickets(client, connection, adapters, booking):
    stranger = await sign_in(connection, adapters)

    answer = await client.get(f"/bookings/{booking.id}/tickets", headers=stranger)

    assert told(answer) == (404, "booking-not-found")


async def test_before_they_are_paid_there_are_no_tickets(connection, event, customer, listed):
    held = await book_seats(connection, event.id, customer.id, status=BookingStatus.PENDING)

    assert await listed(held.id) == []


async def test_a_cancelled_ticket_has_no_code(client, listed, booking, me):
    first, second = await listed()
    await client.request("DELETE", f"/bookings/{booking.id}/tickets/{first['id']}", headers=me)

    gone, kept = await listed()

    assert (gone["status"], gone["code"]) == ("cancelled", None)
    assert kept == second


async def test_an_appointment_has_none(connection, customer, listed):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    made = await make_booking(connection, customer.id, offering, provider, starts_at=at(60))

    assert await listed(made.id) == []


async def test_tickets_come_in_pages(client, booking, me, listed):
    path = f"/bookings/{booking.id}/tickets?limit=1"
    one = (await client.get(path, headers=me)).json()
    two = (await client.get(f"{path}&cursor={one['next_cursor']}", headers=me)).json()

    assert [*one["items"], *two["items"]] == await listed()
    assert two["next_cursor"] is None


async def test_a_ticket_that_changes_hands_has_another_code(
    client, connection, adapters, organizer, event, booking, listed, transfer, me
):
    before, other = await listed()

    answer = await transfer(attendee_name=" Grace Hopper ", attendee_email="Grace@Example.com")

    ticket = answer.json()
    assert answer.status_code == 200, answer.text
    assert (ticket["attendee_name"], ticket["attendee_email"]) == (
        "Grace Hopper",
        "grace@example.com",
    )
    assert ticket["code"] != before["code"]
    assert await listed() == [ticket, other]
    door = await sign_in(connection, adapters, user_id=organizer.id)
    path = f"/events/{event.id}/check-in"
    old = await client.post(path, headers=door, json={"code": before["code"]})
    new = await client.post(path, headers=door, json={"code": ticket["code"]})
    assert [told(old), new.status_code] == [(422, "ticket-transferred"), 200]
    history = (await client.get(f"/bookings/{booking.id}/history", headers=me)).json()["items"]
    assert [(one["kind"], one["status"]) for one in history] == [("transferred", "confirmed")]


async def test_a_ticket_changes_hands_as_a_whole(transfer):
    await transfer(attendee_name="Grace Hopper", attendee_email="grace@example.com")

    ticket = (await transfer(attendee_name="Alan Turing")).json()

    assert (ticket["attendee_name"], ticket["attendee_email"]) == ("Alan Turing", None)


async def test_told_what_is_known_nothing_changes(connection, transfer):
    first = await transfer(attendee_name="Grace", attendee_email="grace@example.com")
    again = await transfer(attendee_name="Grace", attendee_email="grace@example.com")

    assert (again.status_code, again.json()) == (200, first.json())
    assert len(await announced(connection)) == 1


async def test_what_nobody_can_come_with_changes_no_hands(
    client, connection, adapters, transfer, listed, event, booking, me, organizer, clock
):
    first, second = await listed()
    door = await sign_in(connection, adapters, user_id=organizer.id)
    await client.post(f"/events/{event.id}/check-in", headers=door, json={"code": first["code"]})

    checked_in = await transfer(attendee_name="Grace")
    clock.now = event.ends_at
    me = await sign_in(connection, adapters, user_id=booking.customer_id)
    over = await transfer(me, second["id"], attendee_name="Grace")

    assert told(checked_in) == told(over) == (409, "invalid-transition")


async def test_a_cancelled_ticket_changes_no_hands(client, transfer, listed, booking, me):
    first, _ = await listed()
    await client.post(f"/bookings/{booking.id}/cancel", headers=me)

    answer = await transfer(ticket_id=first["id"], attendee_name="Grace")

    assert told(answer) == (409, "invalid-transition")


async def test_a_ticket_changes_hands_so_often_and_no_more(transfer, listed):
    for number in range(MOST):
        assert (await transfer(attendee_name=f"Number {number}")).status_code == 200
    _, second = await listed()

    assert told(await transfer(attendee_name="One more")) == (409, "transferred-too-often")
    assert (await transfer(ticket_id=second["id"], attendee_name="Grace")).status_code == 200


async def test_letters_to_others_are_counted(connection, listed, transfer):
    answers = [
        await transfer(ticket_id=one["id"], attendee_email=f"{number}@example.com")
        for number in range(16)
        for one in await listed()
    ]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429] * 2
    assert len(await announced(connection)) == 30


async def test_others_hand_nothing_over(
    connection, adapters, event, transfer, listed, organizer, booking
):
    first, _ = await listed()
    mine = await book_seats(connection, event.id, booking.customer_id)
    (elsewhere,) = await listed(mine.id)
    staff, theirs, stranger, looks = [
        await sign_in(connection, adapters, user_id=user.id)
        for user in (
            await make_user(connection, Role.MANAGEMENT),
            organizer,
            await make_user(connection),
            await make_user(connection, permissions=["bookings:read_any"]),
        )
    ]

    async def hands(headers, name, ticket_id=first["id"]):
        return told(await transfer(headers, ticket_id, attendee_name=name))[0]

    assert [await hands(staff, "A"), await hands(theirs, "B")] == [200, 200]
    assert [await hands(stranger, "C"), await hands(looks, "D")] == [404, 403]
    assert await hands(theirs, "E", elsewhere["id"]) == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"attendee_name": None},
        {"attendee_email": None, "attendee_name": None},
        {"attendee_name": ""},
        {"attendee_name": " "},
        {"attendee_name": "x" * 151},
        {"attendee_name": "a\nb"},
        {"attendee_name": 7},
        {"attendee_email": "nobody"},
        {"attendee_email": "a@example.com", "code_version": 7},
    ],
)
async def test_a_broken_transfer_is_a_422(transfer, body):
    assert (await transfer(**body)).status_code == 422


async def test_tickets_and_waiting_are_handed_over_with_all_that_is_kept(
    client, connection, transfer, organizer, me
):
    ticket = (await transfer(attendee_name="Grace")).json()
    full, _ = await make_event(connection, organizer.id, now=NOW, seats=1)
    await book_seats(connection, full.id, organizer.id)
    assert (await client.post(f"/events/{full.id}/waitlist", headers=me)).status_code == 201

    export = (await client.get("/profile/export", headers=me)).json()

    assert [(one["id"], one["attendee_name"]) for one in export["tickets"]] == [
        (ticket["id"], "Grace"),
        (export["tickets"][1]["id"], None),
    ]
    assert [(one["event_id"], one["status"]) for one in export["waitlist_entries"]] == [
        (str(full.id), "waiting")
    ]


async def test_of_who_is_erased_no_ticket_tells_and_nobody_is_counted_who_waited(
    client, connection, adapters, event, transfer, organizer, me
):
    await transfer(attendee_name="Grace", attendee_email="grace@example.com")
    grace = await make_user(connection, email="grace@example.com")
    full, _ = await make_event(connection, organizer.id, now=NOW, seats=1)
    await book_seats(connection, full.id, organizer.id)
    she = await sign_in(connection, adapters, user_id=grace.id)
    path = f"/events/{full.id}/waitlist"
    assert (await client.post(path, headers=she)).status_code == 201

    assert (await client.request("DELETE", "/profile", headers=she)).status_code == 204

    theirs = await sign_in(connection, adapters, user_id=organizer.id)
    listed = await client.get(f"/events/{event.id}/check-ins", headers=theirs)
    assert [one["attendee_name"] for one in listed.json()["items"]] == [None, None]
    assert (await client.get(path, headers=theirs)).json()["items"] == []
    await ensure_counted(connection)
