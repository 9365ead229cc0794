"""Calendars elsewhere that keep a provider busy."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, delete, select

from app.bootstrap import Doors
from app.core import logging
from app.core.ids import new_id
from app.core.statements import Command, Query
from app.domain.external_calendars import MOST_CALENDARS, CalendarRefreshWanted, ahead
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.models import AuditLog, ExternalBusy, ExternalCalendars, Providers
from app.tasks.delivery import deliver
from app.tasks.external_calendars import refresh_calendars
from tests.conftest import client_of
from tests.factories.accounts import sign_in
from tests.factories.auth import outcome
from tests.factories.calendars import calendar_file, make_external_calendar
from tests.factories.catalog import make_offering, make_provider
from tests.factories.jobs import announced, deliver_all
from tests.factories.web import answer, callouts, web_server

SECRET = "https://calendar.example/private-5f0c2a9e/basic.ics"
MONDAY = "DTSTART:20300304T100000Z DTEND:20300304T120000Z"
TUESDAY = "DTSTART:20300305T100000Z DTEND:20300305T120000Z"
BUSY = Query(
    select(ExternalBusy.starts_at, ExternalBusy.ends_at).order_by(ExternalBusy.starts_at),
    lambda starts_at, ends_at: f"{starts_at:%m-%dT%H:%M}/{ends_at:%m-%dT%H:%M}",
)
VERSION = Query(select(Providers.hours_version).where(Providers.id == bindparam("id")), int)
NOTED = Query(select(AuditLog.action, AuditLog.after), lambda *row: row)
DROP = Command(delete(ExternalCalendars))


class Elsewhere:
    """What a calendar elsewhere says: a file with its ETag, or another answer."""

    def __init__(self) -> None:
        self.file = calendar_file(MONDAY)
        self.other: bytes | None = None
        self.tag = '"1"'

    def __call__(self, asked):
        if self.other is not None:
            return self.other
        if asked.headers.get("if-none-match") == self.tag:
            return answer(304)
        return answer(200, self.file, ETag=self.tag, Content_Type="text/calendar")


@pytest.fixture
def elsewhere():
    return Elsewhere()


@pytest.fixture
async def server(elsewhere):
    async with web_server(elsewhere) as server:
        yield server


@pytest.fixture
def doors(database, adapters):
    return Doors(database, replace(adapters, callouts=callouts()))


@pytest.fixture
async def provider(connection):
    return await make_provider(connection, timezone="UTC")


@pytest.fixture
async def path(provider):
    return f"/providers/{provider.id}/calendars"


@pytest.fixture
async def me(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def read(client, connection, doors, provider, path, me):
    """Have the one calendar of the provider read anew; return it and when it keeps them busy."""

    async def read_again():
        await deliver(doors, CalendarRefreshWanted((await shown())["id"]))
        return await shown(), await connection.all(BUSY)

    async def shown():
        (item,) = (await client.get(path, headers=me)).json()["items"]
        return item

    return read_again


async def add(client, path, me, url=SECRET):
    made = await client.post(path, json={"name": "At home", "url": url}, headers=me)
    assert made.status_code == 201, made.text
    return made.json()


async def test_a_calendar_is_added_listed_and_read_by_the_worker(
    client, connection, doors, path, me, server
):
    made = await add(client, path, me, server.url())
    assert await connection.all(BUSY) == []

    await deliver_all(doors)

    (shown,) = (await client.get(path, headers=me)).json()["items"]
    assert made == {
        "id": shown["id"],
        "name": "At home",
        "url": server.url(),
        "fetched_at": None,
        "failed_at": None,
        "failure": None,
        "created_at": "2030-03-01T12:00:00Z",
    }
    assert shown == made | {"fetched_at": "2030-03-01T12:00:00Z"}
    assert await connection.all(BUSY) == ["03-04T10:00/03-04T12:00"]
    assert server.asked[0].headers["accept"].startswith("text/calendar")


async def test_what_it_keeps_busy_can_t_be_booked_and_is_not_offered(
    client, connection, adapters, doors, provider, path, me, server
):
    offering = await make_offering(connection, provider)
    made = await add(client, path, me, server.url())
    await deliver_all(doors)
    customer = await sign_in(connection, adapters)
    body = {"service_id": str(offering.id), "starts_at": "2030-03-04T11:00:00Z"}
    slots = f"/services/{offering.id}/slots?from=2030-03-04&to=2030-03-05"

    refused = await client.post("/bookings", json=body, headers=customer)
    offered = [slot["starts_at"] for slot in (await client.get(slots)).json()["items"]]
    deleted = await client.delete(f"{path}/{made['id']}", headers=me)
    booked = await client.post("/bookings", json=body, headers=customer)

    assert outcome(refused) == (409, "slot-unavailable")
    assert "2030-03-04T09:00:00Z" in offered
    assert "2030-03-04T12:00:00Z" in offered
    assert not {f"2030-03-04T{hour}:00Z" for hour in ("09:30", "10:00", "11:30")} & set(offered)
    assert (deleted.status_code, booked.status_code) == (204, 201)


async def test_hours_change_with_what_is_read_and_not_with_each_reading(
    client, connection, doors, provider, path, me, elsewhere, server, read
):
    async def version():
        return await connection.first(VERSION, id=provider.id)

    await add(client, path, me, server.url())
    await deliver_all(doors)
    first = await version()
    await read()
    elsewhere.tag = '"2"'  # the same in other words
    await read()
    assert await version() == first

    elsewhere.tag, elsewhere.file = '"3"', calendar_file(TUESDAY)
    _, busy = await read()

    assert busy == ["03-05T10:00/03-05T12:00"]
    assert await version() == first + 1


async def test_what_has_not_changed_is_read_once_a_day(
    client, doors, path, me, clock, server, read
):
    made = await add(client, path, me, server.url())
    await deliver_all(doors)
    clock.forward(minutes=15)
    shown, _ = await read()
    assert shown["fetched_at"] == "2030-03-01T12:15:00Z"
    clock.forward(hours=12)
    await deliver(doors, CalendarRefreshWanted(made["id"]))

    asked = [request.headers.get("if-none-match") for request in server.asked]
    assert asked == [None, '"1"', None]


async def test_what_repeats_goes_on_as_far_as_can_be_booked(
    client, connection, doors, path, me, elsewhere, server
):
    elsewhere.file = calendar_file(f"{MONDAY} RRULE:FREQ=WEEKLY")
    await add(client, path, me, server.url())
    await deliver_all(doors)

    assert len(await connection.all(BUSY)) == 105  # 732 days


@pytest.mark.parametrize(
    ("other", "failure"),
    [
        (answer(404), "The address answers 404."),
        (answer(200, b"<html>"), "The file is not an iCalendar file that can be read."),
        (answer(200, b"x" * (2 << 20) + b"x"), "The file is larger than 2 MiB."),
        (answer(302, Location="ftp://x"), "The address leads to one that is not called."),
    ],
)
async def test_where_that_fails_what_was_known_holds_on_and_why_is_told(
    client, doors, path, me, clock, elsewhere, server, read, other, failure
):
    await add(client, path, me, server.url())
    await deliver_all(doors)
    clock.forward(minutes=15)

    elsewhere.other = other
    failed, busy = await read()
    elsewhere.other = None
    clock.forward(minutes=15)
    well, _ = await read()

    assert (failed["failure"], failed["failed_at"]) == (failure, "2030-03-01T12:15:00Z")
    assert failed["fetched_at"] == "2030-03-01T12:00:00Z"
    assert busy == ["03-04T10:00/03-04T12:00"]
    assert (well["failure"], well["failed_at"]) == (None, None)
    assert well["fetched_at"] == "2030-03-01T12:30:00Z"


async def test_a_calendar_that_is_asked_for_again_is_read_whole(client, doors, path, me, server):
    made = await add(client, path, me, server.url())
    await deliver_all(doors)

    asked = await client.post(f"{path}/{made['id']}/refresh", headers=me)
    await deliver_all(doors)

    assert asked.status_code == 204
    assert [request.headers.get("if-none-match") for request in server.asked] == [None, None]


async def test_every_quarter_of_an_hour_each_is_asked_once(connection, doors, services, provider):
    hidden = await make_provider(connection, status=ProviderStatus.INACTIVE)
    await make_external_calendar(connection, hidden)
    made = {(await make_external_calendar(connection, provider)).id for _ in range(3)}

    await refresh_calendars(services)
    await refresh_calendars(services)

    wanted = [message.calendar_id for message in await announced(connection)]
    assert sorted(wanted) == sorted(made)


async def test_one_that_was_deleted_meanwhile_is_left_alone(
    client, connection, doors, path, me, elsewhere, server
):
    class Deleting:
        """Calls, and before it answers somebody deletes the calendar."""

        def checked(self, url):
            return url

        async def fetch(self, url, **options):
            await connection.run(DROP)
            return await callouts().fetch(url, **options)

    made = await add(client, path, me, server.url())
    deleting = replace(doors, adapters=replace(doors.adapters, callouts=Deleting()))

    await deliver(deleting, CalendarRefreshWanted(made["id"]))
    await deliver(doors, CalendarRefreshWanted(made["id"]))

    assert await connection.all(BUSY) == []


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.ics",
        "https://10.0.0.1/x.ics",
        "https://[::1]/x.ics",
        "https://calendar.example:8080/x.ics",
        "https://user:secret@calendar.example/x.ics",
        "ftp://calendar.example/x.ics",
        "calendar.example",
        "https://",
    ],
)
async def test_an_address_that_is_not_called_is_refused(database, adapters, path, me, address):
    async with client_of(Doors(database, adapters)) as client:
        refused = await client.post(path, json={"name": "x", "url": address}, headers=me)

    assert outcome(refused) == (422, "address-refused")
    assert refused.json()["errors"][0]["pointer"] == "#/url"


async def test_a_name_that_leads_to_this_machine_is_never_called(
    client, connection, database, adapters, elsewhere, server, path, me
):
    """With the program's own reach: where localhost leads is found out when it is called."""
    made = await add(client, path, me, "http://localhost/x.ics")

    await deliver(Doors(database, adapters), CalendarRefreshWanted(made["id"]))

    (shown,) = (await client.get(path, headers=me)).json()["items"]
    assert shown["failure"] == "The address leads into a network that is not called."


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "", "url": SECRET}, "#/name"),
        ({"name": "x" * 101, "url": SECRET}, "#/name"),
        ({"name": "x", "url": "https://a.example/" + "x" * 2000}, "#/url"),
        ({"name": "x", "url": "https://a.example/\nx"}, "#/url"),
        ({"name": "x", "url": None}, "#/url"),
        ({"name": "x"}, "#/url"),
    ],
)
async def test_what_is_wrong_with_a_calendar_is_pointed_at(client, path, me, body, pointer):
    refused = await client.post(path, json=body, headers=me)

    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


async def test_a_provider_has_ten_calendars_at_the_most(client, connection, provider, path, me):
    for _ in range(MOST_CALENDARS - 1):
        await make_external_calendar(connection, provider)

    await add(client, path, me)
    refused = await client.post(path, json={"name": "x", "url": SECRET}, headers=me)

    assert outcome(refused) == (409, "too-many-calendars")


async def test_the_whole_address_is_the_provider_s_own_business(
    client, connection, adapters, path, me
):
    admin = await sign_in(connection, adapters, Role.ADMIN)
    mine = await add(client, path, me)
    theirs = await add(client, path, admin, "https://other.example/secret.ics")

    shown = (await client.get(path, headers=admin)).json()["items"]
    own = (await client.get(path, headers=me)).json()["items"]
    await client.delete(f"{path}/{mine['id']}", headers=admin)

    assert theirs["url"] == "https://other.example/…"
    assert [item["url"] for item in shown] == ["https://calendar.example/…", theirs["url"]]
    assert [item["url"] for item in own] == [SECRET, "https://other.example/secret.ics"]
    noted = await connection.all(NOTED)
    assert [action for action, _ in noted] == ["calendar.added", "calendar.deleted"]
    assert "example" not in str(noted)


async def test_strangers_and_what_is_another_s_are_refused(client, connection, adapters, path, me):
    made = await add(client, path, me)
    other = await make_provider(connection)
    stranger = await sign_in(connection, adapters, user_id=other.user_id)
    elsewhere = f"/providers/{other.id}/calendars/{made['id']}"

    assert outcome(await client.get(path, headers=stranger)) == (403, "forbidden")
    assert (await client.delete(f"{path}/{made['id']}", headers=stranger)).status_code == 403
    for method, url in (("DELETE", elsewhere), ("POST", f"{elsewhere}/refresh")):
        refused = await client.request(method, url, headers=stranger)
        assert outcome(refused) == (404, "external-calendar-not-found")
    nobody = f"/providers/{new_id()}/calendars"
    assert outcome(await client.get(nobody, headers=me)) == (404, "provider-not-found")


async def test_no_address_is_in_the_log(client, doors, path, me, server, elsewhere, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(logging._Sink, "lines", logging.Lines(written))
    monkeypatch.setattr(logging._Sink, "as_json", True)
    url = server.url("/private-5f0c2a9e.ics")

    await add(client, path, me, url)
    await deliver_all(doors)
    logging._Sink.lines.flush()

    assert b"request" in written.getvalue()
    assert b"5f0c2a9e" not in written.getvalue()


def test_a_day_s_end_of_the_time_ahead_moves_once_a_day(clock):
    assert ahead(clock.now) == ahead(clock.now + timedelta(hours=11))
    since, until = ahead(clock.now)
    assert since <= clock.now - timedelta(days=1)
    assert until >= clock.now + timedelta(days=730)
