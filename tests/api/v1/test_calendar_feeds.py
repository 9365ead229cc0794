"""Private addresses to subscribe to."""

import io
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import bindparam, update

from app.core import logging
from app.core.crypto import Signer
from app.core.ids import new_id
from app.core.statements import Command
from app.domain import calendar_feeds
from app.domain.bookings import BookingStatus
from app.domain.users import UserStatus
from app.models import Users
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import outcome
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at

DAY = 24 * 60
SET_STATUS = Command(
    update(Users).where(Users.id == bindparam("user_id")).values(status=bindparam("new_status"))
)


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, location="Main street 1")


@pytest.fixture
async def offering(connection, provider):
    return await make_offering(connection, provider, name="Haircut")


@pytest.fixture
async def customer(connection):
    return await make_user(connection, full_name="Ada Lovelace")


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def seller(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


async def opened(client, who, of="bookings"):
    made = await client.post("/calendar-feeds", json={"of": of}, headers=who)
    assert made.status_code in (200, 201), made.text
    return made.json()


async def subscribed(client, feed):
    answer = await client.get(urlsplit(feed["url"]).path.removeprefix("/api/v1"))
    assert answer.status_code == 200, answer.text
    return Calendar.from_ical(answer.content)


async def uids(client, feed):
    return [str(event["uid"]) for event in (await subscribed(client, feed)).walk("VEVENT")]


async def test_a_feed_is_made_once_shown_again_and_listed(client, me):
    made = await client.post("/calendar-feeds", json={"of": "bookings"}, headers=me)
    again = await client.post("/calendar-feeds", json={"of": "bookings"}, headers=me)
    listed = await client.get("/calendar-feeds", headers=me)

    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json() == listed.json()["items"][0]
    assert made.json().keys() == {"id", "of", "url", "created_at"}
    assert made.json()["url"].startswith(f"http://test/api/v1/calendar/{made.json()['id']}.")


async def test_a_customer_s_feed_has_their_bookings_and_nobody_else_s(
    client, connection, me, customer, offering, provider
):
    other = await make_user(connection, full_name="Eve Other")
    mine = await make_booking(connection, customer.id, offering, provider, starts_at=at(60))
    await make_booking(connection, other.id, offering, provider, starts_at=at(180))
    feed = await opened(client, me)

    calendar = await subscribed(client, feed)

    (event,) = calendar.walk("VEVENT")
    assert calendar["method"] == "PUBLISH"
    assert (event["uid"], event["summary"]) == (f"{mine.id}@test", "Haircut")
    assert b"Eve" not in calendar.to_ical()
    assert b"Ada" not in calendar.to_ical()


async def test_a_provider_s_feed_says_who_is_to_come(
    client, connection, seller, customer, offering, provider
):
    await make_booking(connection, customer.id, offering, provider, starts_at=at(60))
    elsewhere = await make_offering(connection)
    theirs = await make_provider(connection)
    await make_booking(connection, customer.id, elsewhere, theirs, starts_at=at(60))

    (event,) = (await subscribed(client, await opened(client, seller, "provider"))).walk("VEVENT")

    assert event["summary"] == "Haircut: Ada Lovelace"
    assert await uids(client, await opened(client, seller)) == []


async def test_who_performs_nothing_has_no_feed_of_a_provider(client, me):
    made = await client.post("/calendar-feeds", json={"of": "provider"}, headers=me)

    assert outcome(made) == (403, "not-a-provider")


async def test_a_feed_goes_ninety_days_back_and_tells_for_a_while_what_was_given_up(
    client, connection, me, customer, offering, provider
):
    async def book(minutes, **changes):
        made = await make_booking(
            connection, customer.id, offering, provider, starts_at=at(minutes), **changes
        )
        return f"{made.id}@test"

    given_up = {"status": BookingStatus.CANCELLED}
    shown = [
        await book(90 * DAY, **given_up, updated_at=NOW - timedelta(days=30)),
        await book(60 * DAY),
        await book(-90 * DAY, status=BookingStatus.COMPLETED),
    ]
    await book(-90 * DAY - 60, status=BookingStatus.COMPLETED)
    await book(80 * DAY, **given_up, updated_at=NOW - timedelta(days=30, seconds=1))
    feed = await opened(client, me)

    events = (await subscribed(client, feed)).walk("VEVENT")

    assert [str(event["uid"]) for event in events] == shown
    assert [event["status"] for event in events] == ["CANCELLED", "CONFIRMED", "CONFIRMED"]


async def test_a_feed_has_the_newest_and_no_end_of_them(
    client, connection, me, customer, offering, provider, monkeypatch
):
    monkeypatch.setattr("app.services.calendar_feeds.MOST_SHOWN", 2)
    made = [
        await make_booking(connection, customer.id, offering, provider, starts_at=at(60 * hour))
        for hour in (1, 3, 5)
    ]

    assert await uids(client, await opened(client, me)) == [f"{one.id}@test" for one in made[:0:-1]]


async def test_what_has_not_changed_is_a_304_until_it_does(
    client, connection, me, customer, offering, provider, clock
):
    await make_booking(connection, customer.id, offering, provider, starts_at=at(60))
    path = urlsplit((await opened(client, me))["url"]).path.removeprefix("/api/v1")

    first = await client.get(path)
    clock.forward(minutes=10)
    tag = {"If-None-Match": first.headers["ETag"]}
    unchanged = await client.get(path, headers=tag)
    await make_booking(connection, customer.id, offering, provider, starts_at=at(180))
    changed = await client.get(path, headers=tag)

    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "private, max-age=300"
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert changed.status_code == 200


async def test_a_feed_that_is_deleted_leads_nowhere_at_once_and_never_again(client, me):
    feed = await opened(client, me)
    path = urlsplit(feed["url"]).path.removeprefix("/api/v1")

    deleted = await client.delete(f"/calendar-feeds/{feed['id']}", headers=me)
    other = await opened(client, me)

    assert deleted.status_code == 204
    assert outcome(await client.get(path)) == (404, "calendar-feed-not-found")
    assert other["url"] != feed["url"]
    again = await client.delete(f"/calendar-feeds/{feed['id']}", headers=me)
    assert outcome(again) == (404, "calendar-feed-not-found")


@pytest.mark.parametrize("status", [UserStatus.DEACTIVATED, UserStatus.PENDING])
async def test_the_feed_of_an_account_that_is_not_in_use_leads_nowhere(
    client, connection, me, customer, status
):
    path = urlsplit((await opened(client, me))["url"]).path.removeprefix("/api/v1")
    await connection.run(SET_STATUS, user_id=customer.id, new_status=status)

    assert outcome(await client.get(path)) == (404, "calendar-feed-not-found")


async def test_only_the_whole_token_opens_a_feed(client, adapters, me):
    feed = await opened(client, me)
    good = adapters.signer.token(calendar_feeds.PURPOSE, feed["id"])
    assert feed["url"].endswith(f"/{good}.ics")
    signature = good.rpartition(".")[2]
    tokens = [
        feed["id"],
        f"{feed['id']}.",
        f"{feed['id']}.{'0' * 64}",
        f"{feed['id']}.{signature[:-1]}",
        f"{feed['id']}.{signature.upper()}",
        f"{feed['id'].upper()}.{signature}",
        f"{good}0",
        f"{new_id()}.{signature}",
        adapters.signer.token("password-reset", feed["id"]),
        Signer("another secret, as long as it has to be").token(calendar_feeds.PURPOSE, feed["id"]),
        adapters.signer.token(calendar_feeds.PURPOSE, str(UUID(int=1))),
        adapters.signer.token(calendar_feeds.PURPOSE, "x" * 36),
        "%00",
        "%ED%A0%80",
        "x" * 5000,
    ]

    for token in tokens:
        answer = await client.get(f"/calendar/{token}.ics")
        assert outcome(answer) == (404, "calendar-feed-not-found"), token


async def test_no_token_is_in_the_log(client, me, monkeypatch):
    path = urlsplit((await opened(client, me))["url"]).path.removeprefix("/api/v1")
    written = io.BytesIO()
    monkeypatch.setattr(logging._Sink, "lines", logging.Lines(written))
    monkeypatch.setattr(logging._Sink, "as_json", True)

    await client.get(path)
    await client.get(path.replace(".ics", "x.ics"))
    logging._Sink.lines.flush()

    logged = written.getvalue().decode()
    assert logged.count("/api/v1/calendar/[hidden]") == 2
    assert path.rpartition("/")[2][:50] not in logged
