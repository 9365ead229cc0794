"""The door of an event: who is let in, once, and who is in."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, func, select, update

from app.core.statements import Command, Query
from app.domain.bookings import BookingStatus
from app.domain.events import EventStatus
from app.domain.roles import Role
from app.domain.ticket_codes import TicketCode, TicketSigner
from app.models import AuditLog, CheckIns, Tickets
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.seats import book_seats

LOG = Query(
    select(
        CheckIns.kind, CheckIns.nonce, CheckIns.forced, CheckIns.actor_id, CheckIns.scanned_at
    ).order_by(CheckIns.id),
    lambda *row: row,
)
NOTED = Query(select(AuditLog.action).order_by(AuditLog.id), str)
IDS = Query(
    select(Tickets.id).where(Tickets.booking_id == bindparam("booking_id")).order_by(Tickets.id),
    lambda id_: id_,
)
TOLD = Query(select(func.count()).select_from(CheckIns), int)
HANDED = Command(
    update(Tickets)
    .where(Tickets.id == bindparam("ticket_id"))
    .values(code_version=Tickets.code_version + 1)
)
NAMED = Command(
    update(Tickets)
    .where(Tickets.id == bindparam("ticket_id"))
    .values(attendee_name=bindparam("name"), attendee_email=bindparam("email"))
)


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def event(connection, organizer):
    types = [ticket_type(), ticket_type("Balcony")]
    return (await make_event(connection, organizer.id, now=NOW, types=types))[0]


@pytest.fixture
async def door(connection, adapters, organizer):
    return await sign_in(connection, adapters, user_id=organizer.id)


@pytest.fixture
async def booking(connection, event):
    customer = await make_user(connection, full_name="Ada Lovelace")
    return await book_seats(connection, event.id, customer.id, seats=2, of_type="Standard")


@pytest.fixture
async def ticket_id(connection, booking):
    return (await connection.all(IDS, booking_id=booking.id))[0]


@pytest.fixture
def code(adapters, event, ticket_id):
    return adapters.ticket_signer.write(TicketCode(ticket_id, event.id, 0))


@pytest.fixture
def scan(client, event, door, code):
    async def send(headers=door, of=event, **body):
        return await client.post(
            f"/events/{of.id}/check-in", headers=headers, json={"code": code, **body}
        )

    return send


@pytest.fixture
def undo(client, event, door):
    async def send(**body):
        return await client.post(f"/events/{event.id}/check-in/undo", headers=door, json=body)

    return send


def told(answer):
    return answer.status_code, answer.json().get("code")


async def test_a_ticket_lets_somebody_in_once(connection, organizer, event, scan, code, ticket_id):
    first = await scan()
    second = await scan()

    ticket = first.json()
    assert first.status_code == 200, first.text
    assert (ticket["id"], ticket["code"]) == (str(ticket_id), code)
    assert (ticket["status"], ticket["checked_in_at"]) == ("checked_in", "2030-03-01T12:00:00Z")
    assert ticket["ticket_type"] == "Standard"
    assert told(second) == (409, "already-checked-in")
    assert second.json()["checked_in_at"] == "2030-03-01T12:00:00Z"
    assert await connection.all(LOG) == [("in", None, False, organizer.id, NOW)]
    await ensure_counted(connection)


async def test_a_scan_that_is_sent_again_is_answered_as_it_was(connection, scan, clock):
    first = await scan(nonce="door-1/1")
    clock.forward(seconds=5)
    again = await scan(nonce="door-1/1")
    forced = await scan(nonce="door-1/1", force=True)
    another = await scan(nonce="door-1/2")

    assert (again.status_code, again.json()) == (200, first.json())
    assert (forced.status_code, forced.json()) == (200, first.json())
    assert told(another) == (409, "already-checked-in")
    assert len(await connection.all(LOG)) == 1


async def test_a_nonce_stands_for_a_scan_of_one_ticket(connection, scan, booking, adapters, event):
    _, other = await connection.all(IDS, booking_id=booking.id)
    of_other = adapters.ticket_signer.write(TicketCode(other, event.id, 0))

    answers = [await scan(nonce="1"), await scan(nonce="1", code=of_other)]

    assert [answer.status_code for answer in answers] == [200, 200]


async def test_a_scan_that_was_undone_lets_nobody_in_again(scan, undo, code):
    await scan(nonce="1")
    await undo(code=code)

    assert told(await scan(nonce="1")) == (409, "check-in-undone")
    assert told(await scan(nonce="1", force=True)) == (409, "check-in-undone")
    assert (await scan(nonce="2")).status_code == 200
    assert told(await scan(nonce="1")) == (409, "check-in-undone")


async def test_what_was_scanned_offline_is_noted_and_the_first_time_kept(
    connection, scan, clock, organizer
):
    await scan()
    clock.forward(hours=1)
    forced = await scan(force=True, scanned_at="2030-03-01T11:30:00Z", nonce="offline-7")
    again = await scan(force=True, scanned_at="2030-03-01T11:30:00Z", nonce="offline-7")

    assert forced.status_code == again.status_code == 200
    assert forced.json()["checked_in_at"] == "2030-03-01T12:00:00Z"
    assert [row[:3] for row in await connection.all(LOG)] == [
        ("in", None, False),
        ("in", "offline-7", True),
    ]


async def test_the_time_of_a_scan_is_when_somebody_came(connection, scan):
    answer = await scan(force=True, scanned_at="2030-03-01T11:30:00Z")

    assert answer.json()["checked_in_at"] == "2030-03-01T11:30:00Z"
    ((*_, scanned_at),) = await connection.all(LOG)
    assert scanned_at == NOW - timedelta(minutes=30)


@pytest.mark.parametrize(
    ("scanned_at", "status"),
    [
        ("2030-03-01T12:04:00Z", 200),  # by a clock that is a little fast
        ("2030-03-01T12:06:00Z", 422),
        ("2030-02-28T12:00:01Z", 200),  # 31 days before it starts
        ("2030-02-28T11:59:59Z", 422),
        ("2030-03-01T12:00:00", 422),
        (0, 422),
    ],
)
async def test_a_scan_is_neither_of_the_future_nor_of_long_ago(scan, scanned_at, status):
    answer = await scan(force=True, scanned_at=scanned_at)

    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["checked_in_at"] <= "2030-03-01T12:00:00Z"


@pytest.mark.parametrize("force", [False, True])
async def test_what_is_no_code_of_a_valid_ticket_lets_nobody_in(
    connection, adapters, scan, event, ticket_id, force, organizer
):
    elsewhere, _ = await make_event(connection, organizer.id, now=NOW)
    codes = {
        "garbage": "invalid-ticket-code",
        "A" * 132: "invalid-ticket-code",
        "\u00fc": "invalid-ticket-code",
        TicketSigner("another secret of thirty-two bytes").write(
            TicketCode(ticket_id, event.id, 0)
        ): "invalid-ticket-code",
        adapters.ticket_signer.write(TicketCode(uuid4(), event.id, 0)): "invalid-ticket-code",
        adapters.ticket_signer.write(TicketCode(ticket_id, elsewhere.id, 0)): "wrong-event",
        adapters.ticket_signer.write(TicketCode(ticket_id, event.id, 1)): "ticket-transferred",
    }

    for code, refusal in codes.items():
        answer = await scan(code=code, force=force)
        assert told(answer) == (422, refusal), code
        assert answer.json()["errors"][0]["pointer"] == "#/code"
    assert await connection.first(TOLD) == 0


async def test_a_real_ticket_is_good_at_its_own_event_alone(connection, scan, organizer, code):
    elsewhere, _ = await make_event(connection, organizer.id, now=NOW)

    assert told(await scan(of=elsewhere)) == (422, "wrong-event")


@pytest.mark.parametrize("force", [False, True])
async def test_the_code_of_who_had_it_before_is_worth_nothing(connection, scan, ticket_id, force):
    await connection.run(HANDED, ticket_id=ticket_id)

    assert told(await scan(force=force)) == (422, "ticket-transferred")


@pytest.mark.parametrize("force", [False, True])
async def test_a_cancelled_ticket_lets_nobody_in(
    client, adapters, connection, scan, booking, force
):
    customer = await sign_in(connection, adapters, user_id=booking.customer_id)
    assert (await client.delete(f"/bookings/{booking.id}", headers=customer)).status_code == 200

    assert told(await scan(force=force)) == (409, "ticket-cancelled")


@pytest.mark.parametrize("force", [False, True])
async def test_a_ticket_that_is_not_paid_lets_nobody_in(connection, adapters, scan, event, force):
    held = await book_seats(
        connection, event.id, (await make_user(connection)).id, status=BookingStatus.PENDING
    )
    (ticket_id,) = await connection.all(IDS, booking_id=held.id)
    code = adapters.ticket_signer.write(TicketCode(ticket_id, event.id, 0))

    assert told(await scan(code=code, force=force)) == (422, "invalid-ticket-code")


@pytest.mark.parametrize("status", [EventStatus.CANCELLED, EventStatus.DRAFT])
async def test_nobody_comes_to_what_is_off(connection, scan, organizer, status):
    off, _ = await make_event(connection, organizer.id, now=NOW, status=status)

    assert told(await scan(of=off)) == (409, "event-not-bookable")


async def test_people_come_late_too(connection, adapters, scan, clock, organizer):
    clock.forward(days=45)
    later = await sign_in(connection, adapters, user_id=organizer.id)

    assert (await scan(headers=later)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"code": ""},
        {"code": "x" * 501},
        {"code": 7},
        {"nonce": ""},
        {"nonce": "n" * 101},
        {"nonce": "a b"},
        {"force": "yes"},
        {"force": None},
        {"who": "me"},
    ],
)
async def test_a_broken_scan_is_a_422(scan, body):
    assert (await scan(**body)).status_code == 422


async def test_an_undone_check_in_makes_the_ticket_valid_again(
    connection, scan, undo, code, ticket_id, organizer
):
    await scan()

    undone = await undo(code=code)
    twice = await undo(ticket_id=str(ticket_id))
    again = await scan()

    assert (undone.status_code, undone.json()["status"]) == (200, "valid")
    assert undone.json()["checked_in_at"] is None
    assert told(twice) == (409, "invalid-transition")
    assert again.status_code == 200
    log = await connection.all(LOG)
    assert [(kind, actor) for kind, _, _, actor, _ in log] == [
        (kind, organizer.id) for kind in ("in", "undone", "in")
    ]


async def test_undoing_takes_a_code_or_an_id_of_this_event(
    connection, adapters, undo, code, ticket_id, organizer
):
    elsewhere, _ = await make_event(connection, organizer.id, now=NOW)
    of_other = adapters.ticket_signer.write(TicketCode(ticket_id, elsewhere.id, 0))

    for body in ({}, {"code": code, "ticket_id": str(ticket_id)}, {"ticket_id": "7"}):
        assert (await undo(**body)).status_code == 422
    assert told(await undo(code="x")) == (422, "invalid-ticket-code")
    assert told(await undo(code=of_other)) == (422, "wrong-event")
    assert told(await undo(ticket_id=str(uuid4()))) == (404, "ticket-not-found")
    assert told(await undo(ticket_id=str(ticket_id))) == (409, "invalid-transition")


async def test_what_staff_do_at_somebody_s_door_is_noted(connection, adapters, scan):
    staff = await sign_in(connection, adapters, Role.MANAGEMENT)

    assert (await scan(headers=staff)).status_code == 200
    assert await connection.all(NOTED) == ["ticket.checked_in"]


async def test_others_have_no_business_at_the_door(
    client, connection, adapters, scan, event, booking, organizer
):
    draft, _ = await make_event(connection, organizer.id, now=NOW, status=EventStatus.DRAFT)
    customer = await sign_in(connection, adapters, user_id=booking.customer_id)
    another = await sign_in(connection, adapters, Role.ORGANIZER)

    for headers in (customer, another):
        assert told(await scan(headers=headers)) == (403, "forbidden")
        assert told(await scan(headers=headers, of=draft)) == (404, "event-not-found")
        for path in ("check-ins", "check-ins/figures"):
            answers = [
                await client.get(f"/events/{one.id}/{path}", headers=headers)
                for one in (event, draft)
            ]
            assert [answer.status_code for answer in answers] == [403, 404]


async def test_the_list_for_the_door_says_who_comes_and_who_is_in(
    client, connection, event, door, scan, booking, ticket_id
):
    await connection.run(NAMED, ticket_id=ticket_id, name="Grace 100%", email="grace@example.com")
    await book_seats(
        connection, event.id, (await make_user(connection)).id, status=BookingStatus.PENDING
    )
    await scan()

    async def listed(**asked):
        answer = await client.get(f"/events/{event.id}/check-ins", headers=door, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    first, second = await listed()
    assert first == {
        "ticket_id": str(ticket_id),
        "booking_id": str(booking.id),
        "attendee_name": "Grace 100%",
        "customer_name": "Ada Lovelace",
        "ticket_type": "Standard",
        "status": "checked_in",
        "checked_in_at": "2030-03-01T12:00:00Z",
    }
    assert second["status"] == "valid"
    assert await listed(status="checked_in") == [first]
    assert await listed(status="valid") == [second]
    assert await listed(status="cancelled") == []
    for q in ("grace", "100%", "GRACE@example", "race 1"):
        assert await listed(q=q) == [first]
    assert await listed(q="lovelace", sort="-created_at") == [second, first]
    for q in ("_race", "gr%ce", "nobody", "\\"):
        assert await listed(q=q) == []


@pytest.mark.parametrize("asked", [{"status": "held"}, {"q": ""}, {"q": "x" * 101}, {"who": "x"}])
async def test_the_list_takes_what_it_knows(client, event, door, asked):
    answer = await client.get(f"/events/{event.id}/check-ins", headers=door, params=asked)

    assert answer.status_code == 422


async def test_figures_count_what_is_sold_and_who_is_in(
    client, connection, event, door, scan, booking
):
    someone = (await make_user(connection)).id
    await book_seats(connection, event.id, someone, seats=3, of_type="Balcony")
    await book_seats(connection, event.id, someone, status=BookingStatus.PENDING)
    await book_seats(connection, event.id, someone, status=BookingStatus.CANCELLED)
    await scan()

    figures = (await client.get(f"/events/{event.id}/check-ins/figures", headers=door)).json()

    assert (figures["sold"], figures["checked_in"]) == (5, 1)
    by_type = {one["name"]: (one["sold"], one["checked_in"]) for one in figures["by_type"]}
    assert by_type == {"Standard": (2, 1), "Balcony": (3, 0)}
