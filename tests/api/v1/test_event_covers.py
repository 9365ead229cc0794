"""Pictures that events are shown with."""

from datetime import timedelta

import pytest

from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.events import make_event
from tests.factories.images import picture
from tests.factories.jobs import deliver_all

JPEG = {"Content-Type": "image/jpeg"}


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def me(connection, adapters, organizer):
    return await sign_in(connection, adapters, user_id=organizer.id)


@pytest.fixture
async def event(connection, organizer):
    event, _ = await make_event(connection, organizer.id, now=NOW)
    return event


@pytest.fixture
def files(settings):
    folder = settings.data_dir / "files/photos"
    return lambda: sorted(path.name for path in folder.glob("*"))


async def test_a_cover_is_shown_in_three_sizes_for_as_long_as_it_is_the_cover(
    client, doors, clock, me, event, files
):
    path = f"/events/{event.id}/cover"

    first = await client.put(path, headers=me | JPEG, content=picture(size=(2000, 1000)))
    assert first.status_code == 200, first.text
    url = first.json()["cover_url"]
    assert (await client.get(url.replace("medium", "large"))).status_code == 200
    clock.forward(hours=3)
    async with doors.writing() as services:
        assert await services.photos.drop_unseen() == 0
    second = await client.put(path, headers=me | JPEG, content=picture())
    await deliver_all(doors)

    assert second.json()["cover_url"] != url
    assert (await client.get(url)).status_code == 404
    assert (await client.get(second.json()["cover_url"])).status_code == 200
    assert (await client.delete(path, headers=me)).status_code == 204
    await deliver_all(doors)
    assert (await client.get(f"/events/{event.id}")).json()["cover_url"] is None
    assert files() == []


async def test_a_cover_goes_with_its_event(client, doors, me, event, files):
    await client.put(f"/events/{event.id}/cover", headers=me | JPEG, content=picture())

    await client.delete(f"/events/{event.id}", headers=me)
    await deliver_all(doors)

    assert files() == []


async def test_what_is_no_picture_is_no_cover(client, me, event):
    path = f"/events/{event.id}/cover"

    damaged = await client.put(path, headers=me | JPEG, content=b"not a picture")
    text = await client.put(path, headers=me | {"Content-Type": "text/plain"}, content=b"x")

    assert (damaged.status_code, damaged.json()["code"]) == (422, "unreadable-image")
    assert text.status_code == 415


async def test_only_who_may_change_an_event_may_change_its_cover(
    client, connection, adapters, event, files
):
    path = f"/events/{event.id}/cover"

    for role, status in ((Role.ORGANIZER, 403), (Role.MANAGEMENT, 403), (Role.ADMIN, 200)):
        headers = await sign_in(connection, adapters, role)
        answer = await client.put(path, headers=headers | JPEG, content=picture())
        assert answer.status_code == status
        assert bool(files()) == (status == 200)


async def test_a_cover_needs_the_version_that_was_seen(client, me, event):
    stale = {"If-Match": '"of long ago"'}

    put = await client.put(
        f"/events/{event.id}/cover", headers=me | JPEG | stale, content=picture()
    )

    assert put.status_code == 412


async def test_what_is_over_keeps_the_cover_it_has(client, connection, organizer, me):
    over, _ = await make_event(
        connection,
        organizer.id,
        now=NOW,
        starts_at=NOW - timedelta(hours=3),
        ends_at=NOW - timedelta(hours=1),
    )

    put = await client.put(f"/events/{over.id}/cover", headers=me | JPEG, content=picture())

    assert (put.status_code, put.json()["code"]) == (409, "event-over")
