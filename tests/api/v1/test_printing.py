"""Tickets to print: squares that scanners read, and pages that people do."""

from dataclasses import replace
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from app.domain.bookings import BookingStatus
from app.domain.roles import Role
from app.domain.ticket_codes import short
from app.integrations.printing.reportlab import ReportlabPrinting
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import make_event, ticket_type
from tests.factories.seats import book_seats


@pytest.fixture
async def event(connection):
    organizer = await make_user(connection, Role.ORGANIZER)
    types = [ticket_type("Льготный", 1000)]
    event, _ = await make_event(
        connection, organizer.id, now=NOW, types=types, timezone="Asia/Almaty", title="Вечер"
    )
    return event


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def booking(connection, event, customer):
    return await book_seats(connection, event.id, customer.id, seats=2)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


async def tickets(client, booking, me):
    answer = await client.get(f"/bookings/{booking.id}/tickets", headers=me)
    return answer.json()["items"]


def read(png: bytes) -> str:
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(png)))
    return found.text


async def test_the_square_of_a_ticket_says_its_code(client, booking, me):
    first, _ = await tickets(client, booking, me)
    path = f"/bookings/{booking.id}/tickets/{first['id']}"

    png = await client.get(f"{path}/qr.png?size=600", headers=me)
    svg = await client.get(f"{path}/qr.svg?size=250", headers=me)

    assert read(png.content) == first["code"]
    assert 500 < Image.open(BytesIO(png.content)).width <= 600
    assert (png.headers["Content-Type"], svg.headers["Content-Type"]) == (
        "image/png",
        "image/svg+xml",
    )
    assert b'width="250' in svg.content
    for answer in (png, svg):
        assert answer.headers["Cache-Control"].startswith("private")
        assert answer.headers["Content-Disposition"].startswith('inline; filename="ticket-')


@pytest.mark.parametrize("size", ["99", "2001", "-1", "many", "400.5", ""])
@pytest.mark.parametrize("kind", ["svg", "png"])
async def test_a_square_has_its_bounds(client, booking, me, size, kind):
    first, _ = await tickets(client, booking, me)
    path = f"/bookings/{booking.id}/tickets/{first['id']}/qr.{kind}"

    answer = await client.get(path, params={"size": size}, headers=me)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/size")


async def test_a_cancelled_ticket_and_one_of_others_has_no_square(
    client, connection, adapters, event, booking, me
):
    first, second = await tickets(client, booking, me)
    own = f"/bookings/{booking.id}/tickets"
    await client.request("DELETE", f"{own}/{first['id']}", headers=me)
    stranger = await make_user(connection)
    theirs = await book_seats(connection, event.id, stranger.id)
    they = await sign_in(connection, adapters, user_id=stranger.id)
    (other,) = await tickets(client, theirs, they)

    async def asked(path, headers=me):
        answer = await client.get(f"{path}/qr.svg", headers=headers)
        return answer.status_code, answer.json()["code"]

    assert await asked(f"{own}/{first['id']}") == (409, "ticket-cancelled")
    assert await asked(f"{own}/{other['id']}") == (404, "ticket-not-found")
    assert await asked(f"{own}/{second['id']}", they) == (404, "booking-not-found")


async def test_all_tickets_of_a_booking_are_printed_in_the_reader_s_language(
    client, booking, me, event
):
    headers = me | {"Accept-Language": "ru"}
    name = {"attendee_name": "Әлия Өмірбекқызы"}
    first, _ = await tickets(client, booking, me)
    path = f"/bookings/{booking.id}/tickets"
    await client.post(f"{path}/{first['id']}/transfer", json=name, headers=me)

    answer = await client.get(f"/bookings/{booking.id}/tickets.pdf", headers=headers)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    assert answer.headers["Cache-Control"].startswith("private")
    assert f'"tickets-{short(booking.id)}.pdf"' in answer.headers["Content-Disposition"]
    pages = [page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages]
    assert len(pages) == 2
    assert "Әлия Өмірбекқызы" in pages[0]
    assert "Әлия" not in pages[1]
    for page in pages:
        assert "Вечер" in page
        assert "Льготный" in page
        assert "марта" in page  # 17:00 in Almaty
        assert "17:00" in page
        assert "10,00" in page


async def test_where_no_ticket_is_valid_none_is_printed(client, connection, event, customer, me):
    statuses = (BookingStatus.PENDING, BookingStatus.CANCELLED)
    made = [
        await book_seats(connection, event.id, customer.id, status=status) for status in statuses
    ]

    for one in made:
        answer = await client.get(f"/bookings/{one.id}/tickets.pdf", headers=me)
        assert (answer.status_code, answer.json()["code"]) == (404, "ticket-not-found")


async def test_others_print_nothing(client, connection, adapters, booking):
    stranger = await sign_in(connection, adapters)

    answer = await client.get(f"/bookings/{booking.id}/tickets.pdf", headers=stranger)

    assert (answer.status_code, answer.json()["code"]) == (404, "booking-not-found")


class Watched(ReportlabPrinting):
    """Looks how many connections are lent while it prints."""

    def __init__(self, pool) -> None:
        super().__init__()
        self.pool, self.seen = pool, []

    async def tickets(self, tickets, locale):
        await self._look()
        return await super().tickets(tickets, locale)

    async def qr_svg(self, code, *, size):
        await self._look()
        return await super().qr_svg(code, size=size)

    async def qr_png(self, code, *, size):
        await self._look()
        return await super().qr_png(code, size=size)

    async def _look(self):
        self.seen.append(self.pool.get_size() - self.pool.get_idle_size())


async def test_no_connection_is_held_while_it_is_printed(real_doors, real_database, adapters):
    async with real_database.transaction() as connection:
        organizer = await make_user(connection, Role.ORGANIZER)
        event, _ = await make_event(connection, organizer.id, now=NOW)
        customer = await make_user(connection)
        booking = await book_seats(connection, event.id, customer.id)
        me = await sign_in(connection, adapters, user_id=customer.id)
    printing = Watched(real_database._pool)
    doors = replace(real_doors, adapters=replace(adapters, printing=printing))

    async with client_of(doors) as client:
        (ticket,) = await tickets(client, booking, me)
        path = f"/bookings/{booking.id}/tickets"
        paths = (f"{path}.pdf", f"{path}/{ticket['id']}/qr.svg", f"{path}/{ticket['id']}/qr.png")
        for one in paths:
            assert (await client.get(one, headers=me)).status_code == 200
    printing.close()

    assert printing.seen == [0, 0, 0]
