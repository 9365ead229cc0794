"""What customers are told by letter about their bookings."""

from base64 import b64decode

import pytest
from icalendar import Calendar

from app.core.i18n import Locale, translate
from app.domain.bookings import BookingCancelled, BookingMade, BookingRescheduled, BookingStatus
from app.domain.users import UserStatus
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.mail import letters

TEN = "2030-03-04T10:00:00Z"


@pytest.fixture
async def customer(connection):
    return await make_user(connection, full_name="Ada Lovelace")


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, location="Main street 1, Riga", timezone="Europe/Riga")


async def booked(client, connection, provider, me, **terms) -> str:
    offering = await make_offering(connection, provider, **terms)
    body = {"service_id": str(offering.id), "starts_at": TEN}
    made = await client.post("/bookings", json=body, headers=me)
    assert made.status_code == 201, made.text
    return f"/bookings/{made.json()['id']}"


def file_in(letter):
    (attachment,) = letter.attachments
    calendar = Calendar.from_ical(b64decode(attachment.content))
    return attachment, calendar, calendar.walk("VEVENT")[0]


async def test_who_books_is_told_with_a_file_for_their_calendar(
    client, connection, doors, provider, me, customer
):
    path = await booked(client, connection, provider, me)

    (letter,) = await letters(doors, customer.email)
    attachment, calendar, event = file_in(letter)

    assert letter.subject == "Your booking is confirmed"
    for content in (letter.text, letter.html):
        for told in ("Haircut", "Vera Barber", "Main street 1, Riga", f"http://test{path}"):
            assert told in content
        assert "March 4, 2030" in content
        assert "12:00 PM (Eastern European Standard Time)" in content  # in Riga
    assert attachment.name == "booking.ics"
    assert attachment.content_type == "text/calendar; method=REQUEST; charset=utf-8"
    assert calendar["method"] == "REQUEST"
    assert (event["attendee"], event["sequence"]) == (f"mailto:{customer.email}", 0)
    assert event["uid"] == f"{path.rpartition('/')[2]}@test"


async def test_each_change_is_told_with_the_same_name_and_a_higher_number(
    client, connection, doors, provider, me, customer, clock
):
    path = await booked(client, connection, provider, me)
    sent = await letters(doors, customer.email)
    clock.forward(seconds=1)
    await client.post(f"{path}/reschedule", json={"starts_at": "2030-03-05T10:00:00Z"}, headers=me)
    sent = [*(await letters(doors, customer.email))[:1], *sent]
    clock.forward(seconds=1)
    await client.post(f"{path}/cancel", headers=me)
    sent = [*(await letters(doors, customer.email))[:1], *sent]

    files = [file_in(letter) for letter in reversed(sent)]

    assert [letter.subject for letter in reversed(sent)] == [
        "Your booking is confirmed",
        "Your booking was moved to another time",
        "Your booking was cancelled",
    ]
    assert [calendar["method"] for _, calendar, _ in files] == ["REQUEST", "REQUEST", "CANCEL"]
    assert "method=CANCEL" in files[-1][0].content_type
    assert [event["sequence"] for *_, event in files] == [0, 1, 2]
    assert [event["status"] for *_, event in files] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert len({event["uid"] for *_, event in files}) == 1
    assert files[1][2].decoded("dtstart").day == 5


async def test_a_request_is_told_of_once_it_is_granted(
    client, connection, adapters, doors, provider, me, customer
):
    path = await booked(client, connection, provider, me, approval_required=True)
    assert await letters(doors, customer.email) == []
    seller = await sign_in(connection, adapters, user_id=provider.user_id)

    assert (await client.post(f"{path}/confirm", headers=seller)).status_code == 200

    (letter,) = await letters(doors, customer.email)
    assert letter.subject == "Your request was accepted"
    assert file_in(letter)[1]["method"] == "REQUEST"


@pytest.mark.parametrize("locale", [Locale.RU, Locale.UK])
async def test_a_letter_is_in_the_reader_s_language(client, connection, adapters, doors, locale):
    reader = await make_user(connection, locale=locale)
    me = await sign_in(connection, adapters, user_id=reader.id)
    await booked(client, connection, await make_provider(connection), me)

    (letter,) = await letters(doors, reader.email)

    assert letter.subject == translate("Your booking is confirmed", locale)
    assert "марта" in letter.text or "березня" in letter.text


async def test_what_people_wrote_is_escaped_in_html(client, connection, doors, me, customer):
    evil = await make_provider(connection, name="<script>x</script>", location="a\tb<img>")
    await booked(client, connection, evil, me, name="<b>Cut & dry</b>")

    (letter,) = await letters(doors, customer.email)

    assert "<script" not in letter.html
    assert "<img" not in letter.html
    assert "&lt;b&gt;Cut &amp; dry" in letter.html
    assert "<b>Cut & dry</b>" in letter.text


async def test_run_twice_it_is_shown_once_and_what_moved_on_is_not_told(
    connection, doors, provider, customer
):
    offering = await make_offering(connection, provider)

    async def made(minutes, **changes):
        return await make_booking(
            connection, customer.id, offering, provider, starts_at=at(minutes), **changes
        )

    good, gone = await made(60), await made(180, status=BookingStatus.CANCELLED)
    for _ in range(2):
        await deliver(doors, BookingMade(good.id))
    await deliver(doors, BookingMade(gone.id))
    await deliver(doors, BookingRescheduled(gone.id, gone.id))
    await deliver(doors, BookingCancelled(good.id))
    await deliver(doors, BookingMade(customer.id))

    assert len(await letters(doors, customer.email)) == 1


@pytest.mark.parametrize("status", [UserStatus.DEACTIVATED, UserStatus.PENDING])
async def test_nobody_is_written_to_whose_account_is_not_in_use(
    connection, doors, provider, status
):
    gone = await make_user(connection, status=status)
    offering = await make_offering(connection, provider)
    made = await make_booking(connection, gone.id, offering, provider, starts_at=at(60))

    await deliver(doors, BookingMade(made.id))

    assert await letters(doors, gone.email) == []
