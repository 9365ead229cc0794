"""Many who scan the same ticket at the same time, and who cancels it meanwhile."""

import asyncio

import pytest
from sqlalchemy import bindparam, func, select

from app.core.statements import Query
from app.domain.roles import Role
from app.domain.ticket_codes import TicketCode
from app.domain.tickets import TicketStatus
from app.models import CheckIns, Tickets
from app.repositories import check_ins as repository
from app.repositories import event_bookings, seating
from app.repositories.check_ins import CheckInRepository
from app.repositories.seating import SeatingRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import ensure_counted, make_event
from tests.factories.races import at_once, meeting, until_somebody_waits
from tests.factories.seats import book_seats

LET_IN = Query(select(func.count()).select_from(CheckIns), int)
IDS = Query(select(Tickets.id).where(Tickets.booking_id == bindparam("booking_id")), lambda i: i)
STATUSES = Query(select(Tickets.status), lambda status: status)


class Door:
    def __init__(self, client, doors, event, booking, code, ticket_id, people):
        self.client, self.doors, self.event, self.booking = client, doors, event, booking
        self.code, self.ticket_id, (self.organizer, self.customer) = code, ticket_id, people

    async def scan(self, **body):
        path = f"/events/{self.event.id}/check-in"
        sent = {"code": self.code, **body}
        return await self.client.post(path, json=sent, headers=self.organizer)

    async def scans(self, number, **body):
        return await at_once(self.doors, *(self.scan(**body) for _ in range(number)))

    async def first(self, query):
        async with self.doors.database.read() as connection:
            return await connection.first(query)

    async def ensure_counted(self):
        async with self.doors.database.read() as connection:
            await ensure_counted(connection)


@pytest.fixture
def door(real_doors, real_client, adapters):
    async def make(seats=1):
        async with real_doors.database.transaction() as connection:
            organizer = await make_user(connection, Role.ORGANIZER)
            event, _ = await make_event(connection, organizer.id, now=NOW)
            customer = await make_user(connection)
            booking = await book_seats(connection, event.id, customer.id, seats=seats)
            ticket_id = await connection.first(IDS, booking_id=booking.id)
            people = [
                await sign_in(connection, adapters, user_id=user.id)
                for user in (organizer, customer)
            ]
        code = adapters.ticket_signer.write(TicketCode(ticket_id, event.id, 0))
        return Door(real_client, real_doors, event, booking, code, ticket_id, people)

    return make


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


async def test_of_eight_simultaneous_scans_one_lets_somebody_in(door, monkeypatch):
    monkeypatch.setattr(CheckInRepository, "admit", meeting(CheckInRepository.admit, 8))
    one = await door()

    answers = await one.scans(8)

    assert statuses(answers) == [200] + [409] * 7
    assert await one.first(LET_IN) == 1


async def test_control_who_reads_first_and_then_writes_lets_in_several(door, monkeypatch):
    guarded, anyway = CheckInRepository.admit, repository.admitting(repository.SAME_HANDS)

    async def write(self, code, scan, **more):
        monkeypatch.setattr(repository, "ADMIT", anyway)
        return await guarded(self, code, scan, **more)

    together = meeting(write, 8)

    async def read_then_write(self, code, scan, **more):
        ticket = await self.ticket(code.event_id, code.ticket_id)
        if ticket is None or ticket.status is not TicketStatus.VALID:
            return None
        return await together(self, code, scan, **more)

    monkeypatch.setattr(CheckInRepository, "admit", read_then_write)
    one = await door()

    assert statuses(await one.scans(8)) == [200] * 8
    assert await one.first(LET_IN) == 8


async def test_a_scan_that_is_sent_twice_at_once_is_answered_twice_alike(door, monkeypatch):
    monkeypatch.setattr(CheckInRepository, "admit", meeting(CheckInRepository.admit, 4))
    one = await door()

    answers = await one.scans(4, nonce="door-1/1")

    assert statuses(answers) == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert await one.first(LET_IN) == 1


async def scanned_while_it_is_cancelled(one, monkeypatch, path, method="POST"):
    """Cancel, and be scanned just when it is known that nobody is in."""
    seen, go_on = asyncio.Event(), asyncio.Event()
    release, release_one = SeatingRepository.release, SeatingRepository.release_one

    def later(method):
        async def stopped(self, *given):
            seen.set()
            await asyncio.wait_for(go_on.wait(), 5)
            return await method(self, *given)

        return stopped

    monkeypatch.setattr(SeatingRepository, "release", later(release))
    monkeypatch.setattr(SeatingRepository, "release_one", later(release_one))
    async with asyncio.TaskGroup() as tasks:
        cancelling = tasks.create_task(one.client.request(method, path, headers=one.customer))
        await asyncio.wait_for(seen.wait(), 5)
        scanning = tasks.create_task(one.scan())
        waiting = tasks.create_task(until_somebody_waits(one.doors))
        await asyncio.wait([scanning, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        go_on.set()
    await one.ensure_counted()
    return cancelling.result().status_code, scanning.result().status_code


@pytest.mark.parametrize("seats", [1, 2])
async def test_nobody_is_let_in_with_what_is_being_cancelled(door, monkeypatch, seats):
    one = await door(seats)
    path = f"/bookings/{one.booking.id}/cancel"

    assert await scanned_while_it_is_cancelled(one, monkeypatch, path) == (200, 409)


async def test_control_without_locking_the_tickets_somebody_is(door, monkeypatch):
    plain = Query(
        select(Tickets.status).where(seating.Tickets.booking_id == seating.BOOKING_ID), str
    )
    monkeypatch.setattr(seating, "LOCK_TICKETS", plain)
    one = await door()
    path = f"/bookings/{one.booking.id}/cancel"

    assert await scanned_while_it_is_cancelled(one, monkeypatch, path) == (200, 200)
    assert await one.first(STATUSES) is TicketStatus.CANCELLED


async def test_nobody_is_let_in_with_a_ticket_that_is_being_given_back(door, monkeypatch):
    one = await door(2)
    path = f"/bookings/{one.booking.id}/tickets/{one.ticket_id}"

    assert await scanned_while_it_is_cancelled(one, monkeypatch, path, "DELETE") == (200, 409)


async def test_control_without_locking_the_ticket_somebody_is(door, monkeypatch):
    plain = Query(
        select(*event_bookings.columns(Tickets, event_bookings.Ticket)).where(
            Tickets.booking_id == bindparam("booking_id"), Tickets.id == bindparam("ticket_id")
        ),
        event_bookings.Ticket,
    )
    monkeypatch.setattr(event_bookings, "LOCK_TICKET", plain)
    one = await door(2)
    path = f"/bookings/{one.booking.id}/tickets/{one.ticket_id}"

    assert await scanned_while_it_is_cancelled(one, monkeypatch, path, "DELETE") == (200, 200)


async def test_a_ticket_that_is_let_in_is_not_handed_over_and_not_both(door):
    one = await door()
    transfer = f"/bookings/{one.booking.id}/tickets/{one.ticket_id}/transfer"

    async def hand_over():
        body = {"attendee_name": "Grace Hopper"}
        return await one.client.post(transfer, json=body, headers=one.customer)

    scanned, handed = await at_once(one.doors, one.scan(), hand_over())

    assert (scanned.status_code, handed.status_code) in ((200, 409), (422, 200))
