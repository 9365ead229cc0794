"""Who waits for seats is told once when they came free."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, select

from app.core.i18n import Locale, translate
from app.core.statements import Query
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.domain.waitlist import SeatsOffered
from app.models import WaitlistEntries
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import make_event
from tests.factories.jobs import announced
from tests.factories.mail import letters
from tests.factories.seats import book_seats

OFFER = Query(
    select(WaitlistEntries.id, WaitlistEntries.offer_expires_at).where(
        WaitlistEntries.user_id == bindparam("user_id")
    ),
    lambda *row: row,
)


@pytest.fixture
def offered(client, connection, adapters):
    """Return what makes somebody be offered two seats, in Almaty."""

    async def make(**changes):
        organizer = await make_user(connection, Role.ORGANIZER)
        event, _ = await make_event(
            connection, organizer.id, now=NOW, seats=2, timezone="Asia/Almaty"
        )
        booked = await make_user(connection)
        booking = await book_seats(connection, event.id, booked.id, seats=2)
        user = await make_user(connection, **{**changes, "status": UserStatus.ACTIVE})
        theirs = await sign_in(connection, adapters, user_id=user.id)
        await client.post(f"/events/{event.id}/waitlist", headers=theirs, json={"seats": 2})
        me = await sign_in(connection, adapters, user_id=booked.id)
        gone = await client.post(f"/bookings/{booking.id}/cancel", headers=me)
        assert gone.status_code == 200, gone.text
        entry_id, expires = await connection.first(OFFER, user_id=user.id)
        assert expires is not None
        return event, user, theirs, SeatsOffered(entry_id)

    return make


async def test_who_waits_is_told_until_when_the_seats_are_kept(connection, doors, offered):
    event, user, _, message = await offered()

    assert (await announced(connection)).count(message) == 1
    (letter,) = await letters(doors, user.email)

    assert letter.subject == "Seats came free for you"
    assert event.title in letter.text
    assert "\n2 seats are kept for you\n" in letter.text
    assert f"http://test/events/{event.id}" in letter.text
    assert letter.text.count("(Kazakhstan Time)") == 2


@pytest.mark.parametrize("locale", [Locale.RU, Locale.UK])
async def test_it_is_in_their_language(doors, offered, locale):
    _, user, _, _ = await offered(locale=locale)

    (letter,) = await letters(doors, user.email)

    assert letter.subject == translate("Seats came free for you", locale)


async def test_whose_offer_is_spent_is_told_nothing(client, doors, offered):
    event, user, theirs, message = await offered()
    body = {"event_id": str(event.id), "seats": 2}
    assert (await client.post("/bookings", headers=theirs, json=body)).status_code == 201

    await deliver(doors, message)

    assert await doors.adapters.mailbox.letters(to=user.email) == []


async def test_whose_offer_has_lapsed_is_told_nothing(doors, offered, clock):
    _, user, _, message = await offered()
    clock.forward(**{"minutes": timedelta(days=3) // timedelta(minutes=1)})

    await deliver(doors, message)

    assert await doors.adapters.mailbox.letters(to=user.email) == []
