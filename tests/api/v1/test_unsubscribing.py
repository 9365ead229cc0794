"""Stopping letters of a kind by the link in one."""

import re

import pytest

from app.domain.notification_deliveries import DeliveryDue
from app.domain.notifications import Facts, Kind
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.jobs import deliver_all
from tests.factories.mail import Mailer, sending_by
from tests.factories.notifications import make_delivery, make_notification
from tests.factories.reviews import make_review

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
async def user(connection):
    return await make_user(connection)


async def letter(connection, doors, user, kind=Kind.REVIEW_RECEIVED):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    visit = await make_booking(connection, user.id, offering, provider, starts_at=at(60))
    review = await make_review(connection, visit, reply="Thank you.", replied_at=NOW)
    facts = Facts(text="x", review_id=review.id)
    told = await make_notification(connection, user.id, kind, facts=facts)
    delivery = await make_delivery(connection, told)
    mailer = Mailer()
    await deliver(sending_by(doors, mailer), DeliveryDue(delivery.id))
    return mailer.sent[0] if mailer.sent else None


async def test_one_click_stops_letters_of_a_kind_and_no_other(
    client, connection, adapters, doors, user
):
    sent = await letter(connection, doors, user)
    assert sent.unsubscribe.startswith("http://test/api/v1/unsubscribe/")
    assert sent.unsubscribe in sent.text

    for _ in range(2):
        done = await client.post(sent.unsubscribe, data=ONE_CLICK)
        assert done.status_code == 200, done.text

    assert await letter(connection, doors, user) is None
    assert await letter(connection, doors, user, Kind.REVIEW_REPLIED) is not None
    me = await sign_in(connection, adapters, user_id=user.id)
    told = (await client.get("/notification-preferences", headers=me)).json()
    assert told["kinds"]["review_received"]["email"] is False
    assert told["kinds"]["review_received"]["in_app"] is True


async def test_a_look_changes_nothing(client, connection, doors, user):
    sent = await letter(connection, doors, user)

    page = await client.get(sent.unsubscribe, headers={"Accept-Language": "ru"})

    assert page.status_code == 200
    assert "Отключить письма этого рода?" in page.text
    assert re.search(r"<form method=\"post\"><button>", page.text)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script" not in page.headers["Content-Security-Policy"]
    assert await letter(connection, doors, user) is not None


async def test_what_everybody_gets_names_no_way_to_stop_it(connection, doors, user):
    sent = await letter(connection, doors, user, Kind.MESSAGE)

    assert sent.unsubscribe is None
    assert "unsubscribe" not in sent.text


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_link_nobody_made_stops_nothing(client, adapters, user, method):
    forged = adapters.signer.token("calendar-feed", f"{user.id}:{Kind.REMINDER}")
    unknown = adapters.signer.token("unsubscribe", f"{user.id}:pigeons")

    for token in (forged, unknown, "nothing", f"{user.id}:reminder."):
        answer = await getattr(client, method)(f"/unsubscribe/{token}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unsubscribe-token-invalid")


async def test_of_somebody_who_was_erased_nothing_is_written_down(
    client, connection, adapters, doors
):
    gone = await make_user(connection, erased_at=adapters.clock())
    token = adapters.signer.token("unsubscribe", f"{gone.id}:{Kind.REMINDER}")

    assert (await client.post(f"/unsubscribe/{token}", data=ONE_CLICK)).status_code == 200

    await deliver_all(doors)
    async with doors.reading() as services:
        assert await services.notification_preferences.preferences.get(gone.id) is None
