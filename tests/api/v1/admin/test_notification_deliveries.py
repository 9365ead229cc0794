"""What became of what people were told, as those who work here see it."""

import pytest

from app.domain.notification_deliveries import DeliveryState
from app.domain.notifications import Channel, Kind
from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.jobs import deliver_all
from tests.factories.mail import Mailer, sending_by
from tests.factories.notifications import make_delivery, make_notification

PATH = "/admin/notification-deliveries"
NOWHERE = f"{PATH}/0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


@pytest.fixture
async def staff(connection, adapters):
    return await sign_in(connection, adapters, Role.MANAGEMENT)


@pytest.fixture
async def user(connection):
    return await make_user(connection)


async def listed(client, staff, **params):
    answer = await client.get(PATH, headers=staff, params=params)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def test_the_log_is_found_by_person_kind_channel_and_state(client, connection, staff, user):
    one = await make_notification(connection, user.id)
    other = await make_notification(connection, None, Kind.TICKET_HANDED_OVER)
    sent = str((await make_delivery(connection, one, state=DeliveryState.SENT)).id)
    text = str((await make_delivery(connection, one, channel=Channel.SMS)).id)
    ticket = str((await make_delivery(connection, other)).id)

    assert await listed(client, staff) == [ticket, text, sent]
    assert await listed(client, staff, user_id=str(user.id)) == [text, sent]
    assert await listed(client, staff, kind="ticket_handed_over") == [ticket]
    assert await listed(client, staff, channel="sms") == [text]
    assert await listed(client, staff, state="sent") == [sent]


async def test_what_was_sent_is_sent_once_more_under_another_key(
    client, connection, doors, staff, user
):
    mailer = Mailer()
    body = {"user_id": str(user.id), "message": "Hello.", "type": "email"}
    assert (await client.post("/notifications", headers=staff, json=body)).status_code == 202
    await deliver_all(sending_by(doors, mailer))
    [id_] = await listed(client, staff)

    again = await client.post(f"{PATH}/{id_}/resend", headers=staff)
    await deliver_all(sending_by(doors, mailer))

    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert [letter.to for letter in mailer.sent] == [user.email] * 2
    assert len({letter.key for letter in mailer.sent}) == 2
    assert await listed(client, staff, state="sent") == [id_]


async def test_what_is_under_way_is_not_sent_twice(client, connection, staff, user):
    one = await make_notification(connection, user.id)
    path = f"{PATH}/{(await make_delivery(connection, one)).id}/resend"

    told = await client.post(path, headers=staff)
    nowhere = await client.post(f"{NOWHERE}/resend", headers=staff)

    assert (told.status_code, told.json()["code"]) == (409, "delivery-under-way")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "delivery-not-found")
