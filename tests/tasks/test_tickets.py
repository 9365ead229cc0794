"""Who comes with a ticket is sent it, once."""

from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from app.core.i18n import Locale, translate
from app.domain.roles import Role
from app.integrations.printing.reportlab import ReportlabPrinting
from app.tasks.delivery import deliver
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import make_event
from tests.factories.jobs import announced, deliver_all
from tests.factories.mail import Mailer, letters, sending_by
from tests.factories.seats import book_seats

GIVEN = ("grace@example.com", "alan@example.com")
GRACE = {"attendee_name": "Grace <b>Hopper", "attendee_email": "grace@example.com"}


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def event(connection):
    organizer = await make_user(connection, Role.ORGANIZER)
    return (await make_event(connection, organizer.id, now=NOW, timezone="Asia/Almaty"))[0]


@pytest.fixture
def hand_over(client, connection, adapters, event):
    async def send(customer, **body):
        booking = await book_seats(connection, event.id, customer.id)
        me = await sign_in(connection, adapters, user_id=customer.id)
        return await again(booking, me, **body)

    async def again(booking, me, **body):
        path = f"/bookings/{booking.id}/tickets"
        (ticket,) = (await client.get(path, headers=me)).json()["items"]
        answer = await client.post(f"{path}/{ticket['id']}/transfer", headers=me, json=body)
        assert answer.status_code == 200, answer.text
        return booking, me, answer.json()

    send.again = again
    return send


async def test_who_comes_is_sent_their_ticket(doors, event, customer, hand_over):
    _, _, ticket = await hand_over(customer, **GRACE)

    (letter,) = await letters(doors, "grace@example.com")

    assert letter.subject == "Your ticket"
    for told in ("An evening of songs", "1 Church Square, Berlin", "Standard"):
        assert told in letter.text
        assert told in letter.html
    assert "5:00 PM (Kazakhstan Time)" in letter.text
    assert "<b>" not in letter.html
    assert f"http://test/events/{event.id}" in letter.text
    (file,) = letter.attachments
    assert file.content_type == "application/pdf"
    (page,) = PdfReader(BytesIO(b64decode(file.content))).pages
    assert "Hopper" in page.extract_text()
    assert ticket["code"]


async def test_without_an_address_nobody_is_written_to(connection, customer, hand_over):
    await hand_over(customer, attendee_name="Grace")

    assert await announced(connection) == []


async def test_whoever_had_it_before_gets_nothing_more(doors, customer, hand_over):
    booking, me, _ = await hand_over(customer, **GRACE)
    await hand_over.again(booking, me, attendee_name="Alan", attendee_email="alan@example.com")

    mailer = Mailer()

    await deliver_all(sending_by(doors, mailer))

    assert [letter.to for letter in mailer.sent if letter.to in GIVEN] == ["alan@example.com"]


async def test_run_twice_it_is_one_letter_to_a_mail_program(doors, customer, hand_over, connection):
    await hand_over(customer, **GRACE)
    (message,) = await announced(connection)
    mailer = Mailer()

    for _ in range(2):
        await deliver(sending_by(doors, mailer), message)
    await deliver_all(sending_by(doors, mailer))

    assert len([letter for letter in mailer.sent if letter.to == "grace@example.com"]) == 1


async def test_what_is_cancelled_or_over_is_not_sent(
    client, doors, customer, hand_over, event, clock
):
    booking, me, _ = await hand_over(customer, **GRACE)
    assert (await client.post(f"/bookings/{booking.id}/cancel", headers=me)).status_code == 200
    await hand_over(customer, attendee_email="late@example.com")
    clock.now = event.ends_at

    await deliver_all(doors)

    for to in ("grace@example.com", "late@example.com"):
        assert await doors.adapters.mailbox.letters(to=to) == []


@pytest.mark.parametrize("locale", [Locale.RU, Locale.UK])
async def test_it_is_in_the_language_of_who_booked(connection, doors, hand_over, locale):
    await hand_over(await make_user(connection, locale=locale), **GRACE)

    (letter,) = await letters(doors, "grace@example.com")

    assert letter.subject == translate("Your ticket", locale)


class Watched(ReportlabPrinting):
    def __init__(self, pool):
        super().__init__()
        self.pool, self.seen = pool, []

    async def tickets(self, tickets, locale):
        self.seen.append(self.pool.get_size() - self.pool.get_idle_size())
        return await super().tickets(tickets, locale)


async def test_no_connection_is_held_while_it_is_printed(real_doors, real_database, adapters):
    async with real_database.transaction() as connection:
        organizer = await make_user(connection, Role.ORGANIZER)
        event, _ = await make_event(connection, organizer.id, now=NOW)
        customer = await make_user(connection)
        booking = await book_seats(connection, event.id, customer.id)
        me = await sign_in(connection, adapters, user_id=customer.id)
    printing = Watched(real_database._pool)
    doors = replace(real_doors, adapters=replace(adapters, printing=printing))
    path = f"/bookings/{booking.id}/tickets"
    async with client_of(doors) as client:
        (ticket,) = (await client.get(path, headers=me)).json()["items"]
        body = {"attendee_email": "grace@example.com"}
        await client.post(f"{path}/{ticket['id']}/transfer", headers=me, json=body)

    await deliver_all(doors)
    printing.close()

    assert printing.seen == [0]
    assert len(await doors.adapters.mailbox.letters(to="grace@example.com")) == 1
