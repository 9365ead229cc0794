"""What one is told, and telling others."""

import pytest

from app.core.i18n import Locale
from app.domain.notifications import Facts, Kind
from app.domain.roles import Role
from app.domain.users import UserStatus
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.mail import letters
from tests.factories.notifications import make_notification

NOWHERE = "/notifications/0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
TEXT = "We open at ten <b>on Monday</b> {{ 7 * 7 }}."


@pytest.fixture
async def user(connection):
    return await make_user(connection, phone="+12025550143")


@pytest.fixture
async def me(connection, adapters, user):
    return await sign_in(connection, adapters, user_id=user.id)


@pytest.fixture
async def staff(connection, adapters):
    return await sign_in(connection, adapters, Role.MANAGEMENT)


async def send(client, staff, user, type_="email", **more):
    body = {"user_id": str(user.id), "message": TEXT, "type": type_}
    return await client.post("/notifications", headers=staff, json=body | more)


async def inbox(client, me, **params):
    answer = await client.get("/notifications", headers=me, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_inbox_is_ones_own_newest_first_and_in_pages(client, connection, user, me):
    await make_notification(connection, (await make_user(connection)).id)
    told = [
        await make_notification(connection, user.id, created_at=at(minute)) for minute in range(3)
    ]

    page = await inbox(client, me, limit=2)
    rest = await inbox(client, me, limit=2, cursor=page["next_cursor"])

    ids = [one["id"] for one in page["items"] + rest["items"]]
    assert ids == [str(one.id) for one in reversed(told)]
    assert (page["unread"], rest["unread"], rest["next_cursor"]) == (3, 3, None)
    assert page["items"][0]["title"] == "A message for you"
    assert page["items"][0]["text"] == "We open at ten."


async def test_what_goes_by_other_channels_alone_is_not_shown(client, connection, user, me):
    await make_notification(connection, user.id, is_shown=False)

    assert await inbox(client, me) == {"items": [], "next_cursor": None, "unread": 0}


async def test_what_was_read_stays_read(client, connection, user, me, clock):
    one = await make_notification(connection, user.id)
    other = await make_notification(connection, user.id)
    path = f"/notifications/{one.id}/read"

    first = (await client.post(path, headers=me)).json()
    clock.forward(hours=1)
    again = (await client.post(path, headers=me)).json()

    assert first["read_at"] == again["read_at"] == "2030-03-01T12:00:00Z"
    assert [each["id"] for each in (await inbox(client, me, unread=True))["items"]] == [
        str(other.id)
    ]
    assert (await inbox(client, me))["unread"] == 1


async def test_all_can_be_read_at_once_but_for_what_others_were_told(
    client, connection, adapters, user, me
):
    other = await make_user(connection)
    for user_id in (user.id, user.id, other.id):
        await make_notification(connection, user_id)

    assert (await client.post("/notifications/read-all", headers=me)).status_code == 204

    theirs = await sign_in(connection, adapters, user_id=other.id)
    assert (await inbox(client, me))["unread"] == 0
    assert (await inbox(client, theirs))["unread"] == 1


async def test_what_is_anothers_is_not_there(client, connection, me):
    other = await make_notification(connection, (await make_user(connection)).id)

    for path in (f"/notifications/{other.id}/read", f"{NOWHERE}/read"):
        answer = await client.post(path, headers=me)
        assert (answer.status_code, answer.json()["code"]) == (404, "notification-not-found")


async def test_it_is_told_in_the_language_asked_for_or_in_ones_own(
    client, connection, adapters, clock
):
    user = await make_user(connection, locale=Locale.UK)
    me = await sign_in(connection, adapters, user_id=user.id)
    provider = await make_provider(connection, timezone="Europe/Riga")
    offering = await make_offering(connection, provider)
    booking = await make_booking(connection, user.id, offering, provider, starts_at=at(1440))
    facts = Facts(booking_id=booking.id, starts_at=booking.starts_at)
    await make_notification(connection, user.id, Kind.REMINDER, facts=facts)

    [own] = (await inbox(client, me))["items"]
    [english] = (await inbox(client, me | {"Accept-Language": "en"}))["items"]

    assert own["title"] == "Нагадування про ваше бронювання"
    assert "через 24 години" in own["text"]
    assert english["text"] == (
        "Haircut, in 24 hours: Saturday, March 2, 2030, 2:00 PM (Eastern European Standard Time)"
    )
    assert own["data"] == {"booking_id": str(booking.id)}


async def test_staff_writes_to_somebody_by_letter(client, doors, staff, user, me):
    sent = await send(client, staff, user)

    assert sent.status_code == 202, sent.text
    assert sent.json()["kind"] == "message"
    (letter,) = await letters(doors, user.email)
    assert letter.subject == "A message for you"
    assert TEXT in letter.text
    assert "on Monday</b>" not in letter.html
    assert "&lt;b&gt;on Monday" in letter.html
    assert "{{ 7 * 7 }}" in letter.html
    assert (await inbox(client, me))["items"] == []


async def test_staff_writes_to_somebody_in_the_program_alone(client, doors, staff, user, me):
    assert (await send(client, staff, user, "in_app")).status_code == 202

    assert await letters(doors, user.email) == []
    [one] = (await inbox(client, me))["items"]
    assert one["text"] == TEXT


async def test_a_request_that_is_repeated_tells_it_once(client, staff, user, me):
    headers = staff | {"Idempotency-Key": "once"}
    sent = [await send(client, headers, user, "in_app") for _ in range(2)]

    assert sent[0].json() == sent[1].json()
    assert (await inbox(client, me))["unread"] == 1


@pytest.mark.parametrize("type_", ["push", "telegram", "sms"])
async def test_who_cannot_be_reached_that_way_is_not_written_to(client, connection, staff, type_):
    nobody = await make_user(connection, phone=None)

    answer = await send(client, staff, nobody, type_)

    assert (answer.status_code, answer.json()["code"]) == (409, "unreachable")


@pytest.mark.parametrize(
    "changes",
    [{"status": UserStatus.DEACTIVATED}, {"status": UserStatus.DEACTIVATED, "erased_at": NOW}],
)
async def test_nobody_writes_to_an_account_that_is_not_in_use(
    client, doors, connection, staff, changes
):
    gone = await make_user(connection, **changes)

    answer = await send(client, staff, gone)

    assert answer.status_code == (404 if "erased_at" in changes else 409)
    assert await letters(doors, gone.email) == []


@pytest.mark.parametrize(
    "broken",
    [
        {"message": ""},
        {"message": "x" * 2001},
        {"message": "a\x00b"},
        {"type": "pigeon"},
        {"subject": "x"},
    ],
)
async def test_what_is_no_message_is_refused(client, staff, user, broken):
    assert (await send(client, staff, user, **broken)).status_code == 422


async def test_old_ones_are_forgotten(client, doors, connection, adapters, user, clock):
    await make_notification(connection, user.id)
    clock.forward(days=179)
    assert await doors.perform(lambda services: services.notifications.forget_old()) == 0
    clock.forward(days=2)

    assert await doors.perform(lambda services: services.notifications.forget_old()) == 1
    me = await sign_in(connection, adapters, user_id=user.id)
    assert await inbox(client, me) == {"items": [], "next_cursor": None, "unread": 0}
