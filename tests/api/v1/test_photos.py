"""Pictures of people over HTTP."""

import asyncio
import threading
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import bindparam, select, update

from app.bootstrap import Doors, build_adapters
from app.core.statements import Command, Query
from app.domain.photos import PhotoDropped
from app.domain.users import UserStatus
from app.integrations.imaging.pillow import PillowImaging
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.s3 import S3Storage
from app.models import Photos, Users
from app.tasks.cleanup import clean_up
from app.tasks.delivery import deliver
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_provider
from tests.factories.images import bomb, opened, picture, telling
from tests.factories.jobs import announced, deliver_all
from tests.factories.races import SOON, at_once

ROWS = Query(select(Photos.id).order_by(Photos.id), str)
DEACTIVATE = Command(
    update(Users).where(Users.id == bindparam("user_id")).values(status=UserStatus.DEACTIVATED)
)
IDLE = (
    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    " AND datname = current_database()"
)
MOST = 10 << 20
FORM = "multipart/form-data; boundary=x"
NOWHERE = UUID("0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e")


@pytest.fixture
async def ada(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


@pytest.fixture
def files(settings):
    """Return the names of the files that are kept."""
    folder = settings.data_dir / "files/photos"
    return lambda: sorted(path.name for path in folder.glob("*"))


async def put(client, me, content=None, **headers):
    sent = {"Content-Type": "image/jpeg", **headers}
    return await client.put("/profile/photo", headers=me | sent, content=content or picture())


async def test_a_picture_is_shown_in_three_sizes(client, me, files):
    answer = await put(client, me, picture(size=(2000, 1000)))

    assert answer.status_code == 200
    url = answer.json()["photo_url"]
    assert url.startswith("http://test/api/v1/photos/")
    base = url.removesuffix("/medium")
    for size, becomes in (("small", (64, 32)), ("medium", (256, 128)), ("large", (1024, 512))):
        image = await client.get(f"{base}/{size}")
        assert image.status_code == 200
        assert opened(image.content).size == becomes
    assert len(files()) == 3


async def test_the_answer_is_the_profile_with_its_tag(client, me):
    answer = await put(client, me)

    profile = await client.get("/profile", headers=me)
    assert (answer.json(), answer.headers["ETag"]) == (profile.json(), profile.headers["ETag"])


@pytest.mark.parametrize(
    "declared", ["image/png", "image/jpg", "application/octet-stream", "IMAGE/JPEG", None]
)
async def test_what_it_is_its_content_says(client, me, declared):
    headers = me if declared is None else me | {"Content-Type": declared}

    answer = await client.put("/profile/photo", headers=headers, content=picture("WEBP"))

    assert answer.status_code == 200


@pytest.mark.parametrize("field", ["file", "picture", "файл"])
@pytest.mark.parametrize("name", ["me.jpg", "../../etc/passwd", "a\x00b", "x" * 250, "évil.svg"])
async def test_a_form_with_one_file_does_as_well(client, me, files, field, name):
    form = {field: (name, picture("GIF"), "text/html")}

    answer = await client.put("/profile/photo", headers=me, files=form)

    assert answer.status_code == 200
    photo_id = answer.json()["photo_url"].split("/")[-2]
    assert files() == [f"{photo_id}-{size}.webp" for size in ("large", "medium", "small")]


@pytest.mark.parametrize(
    "declared",
    [
        "image/svg+xml",
        "image/heic",
        "image/tiff",
        "application/pdf",
        "application/json",
        "text/html",
        "application/x-www-form-urlencoded",
        "multipart/mixed; boundary=x",
        "image/jpeg; charset=utf-16",
        "nonsense",
    ],
)
async def test_what_is_not_read_here_is_a_415(client, me, declared):
    answer = await put(client, me, **{"Content-Type": declared})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


async def test_a_compressed_body_is_a_415(client, me):
    assert (await put(client, me, **{"Content-Encoding": "gzip"})).status_code == 415


PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (b"", "multipart/form-data"),
        (b"nonsense", FORM),
        (b"--x\r\n\r\nno disposition\r\n--x--", FORM),
        (PART + b"1\r\n" + PART + b"2\r\n--x--", FORM),
        (
            PART + b'1\r\n--x\r\nContent-Disposition: form-data; name="more"\r\n\r\n2\r\n--x--',
            FORM,
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--',
            FORM,
        ),
        (PART.replace(b'"a"', b'"' + b"a" * 5000 + b'"') + b"1\r\n--x--", FORM),
        (b"--x\r\n" + b"A: b\r\n" * 20_000 + b"\r\n1\r\n--x--", FORM),
    ],
    ids=["no boundary", "no form", "no name", "two", "a field", "text", "long name", "headers"],
)
async def test_a_form_that_is_none_is_a_400(client, me, body, declared):
    answer = await put(client, me, body or b" ", **{"Content-Type": declared})

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-form")


async def test_a_form_without_a_file_is_a_422(client, me):
    answer = await put(client, me, b"--x--\r\n", **{"Content-Type": FORM})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/file"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable-image"),
        (b"%PDF-1.7\n" + picture(), "unreadable-image"),
        (picture()[:200], "unreadable-image"),
        (bomb(), "image-too-large"),
    ],
    ids=["svg", "polyglot", "cut off", "bomb"],
)
@pytest.mark.parametrize("as_form", [False, True])
async def test_what_is_no_picture_leaves_no_trace(
    client, connection, me, files, content, code, as_form
):
    if as_form:
        answer = await client.put("/profile/photo", headers=me, files={"file": content})
    else:
        answer = await put(client, me, content)

    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (files(), await connection.all(ROWS)) == ([], [])
    assert (await client.get("/profile", headers=me)).json()["photo_url"] is None


async def test_an_empty_body_is_no_picture(client, me):
    answer = await client.put("/profile/photo", headers=me)

    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable-image")


async def test_nobody_learns_more_than_what_is_seen(client, me):
    url = (await put(client, me, telling())).json()["photo_url"]

    assert b"geheim" not in (await client.get(url)).content


async def test_ten_mebibytes_are_read_and_not_a_byte_more(client, me):
    within = await put(client, me, picture() + bytes(MOST - len(picture())))
    beyond = await put(client, me, bytes(MOST + 1))

    assert within.status_code == 200
    assert (beyond.status_code, beyond.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("declared", ["image/jpeg", FORM])
async def test_what_is_too_large_is_not_read_to_its_end(client, me, declared):
    sent = 0

    async def endless():
        nonlocal sent
        yield PART
        while True:
            sent += 1 << 20
            yield bytes(1 << 20)

    answer = await put(client, me, endless(), **{"Content-Type": declared})

    assert answer.status_code == 413
    assert sent <= MOST + (1 << 20)


async def test_elsewhere_a_mebibyte_is_the_limit_still(client, me):
    answer = await client.patch("/profile", headers=me, content=bytes((1 << 20) + 1))

    assert answer.status_code == 413


async def test_the_provider_shows_what_the_account_shows(client, connection, adapters):
    provider = await make_provider(connection)
    me = await sign_in(connection, adapters, user_id=provider.user_id)

    url = (await put(client, me)).json()["photo_url"]
    shown = (await client.get(f"/providers/{provider.id}")).json()["photo_url"]
    await client.delete("/profile/photo", headers=me)

    assert shown == url
    assert (await client.get(f"/providers/{provider.id}")).json()["photo_url"] is None


async def test_another_picture_takes_the_place_of_the_first(client, doors, connection, me, files):
    first = (await put(client, me)).json()["photo_url"]
    second = (await put(client, me)).json()["photo_url"]
    await deliver_all(doors)

    assert first != second
    assert (await client.get(first)).status_code == 404
    assert (await client.get(second)).status_code == 200
    assert len(files()) == 3
    assert [str(id_) for id_ in await connection.all(ROWS)] == [second.split("/")[-2]]


async def test_taking_it_down_may_be_done_twice(client, doors, connection, me, files):
    url = (await put(client, me)).json()["photo_url"]

    answers = [await client.delete("/profile/photo", headers=me) for _ in range(2)]
    await deliver_all(doors)

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (await client.get("/profile", headers=me)).json()["photo_url"] is None
    assert (await client.get(url)).status_code == 404
    assert (files(), await connection.all(ROWS)) == ([], [])


async def test_a_picture_is_dropped_once_however_often_it_is_said(client, doors, connection, me):
    await put(client, me)
    await client.delete("/profile/photo", headers=me)
    (message,) = await announced(connection)

    for _ in range(2):
        await deliver(doors, message)

    assert await connection.all(ROWS) == []


async def test_what_is_shown_is_never_dropped(client, doors, me):
    url = (await put(client, me)).json()["photo_url"]

    await deliver(doors, PhotoDropped(url.split("/")[-2]))

    assert (await client.get(url)).status_code == 200


async def test_whoever_saw_another_profile_is_refused(client, connection, me, files):
    tag = (await client.get("/profile", headers=me)).headers["ETag"]
    await client.patch("/profile", headers=me, json={"full_name": "Ada Lovelace"})

    stale = [
        await put(client, me, **{"If-Match": tag}),
        await client.delete("/profile/photo", headers=me | {"If-Match": tag}),
    ]

    assert [answer.status_code for answer in stale] == [412, 412]
    assert (files(), await connection.all(ROWS)) == ([], [])
    fresh = (await client.get("/profile", headers=me)).headers["ETag"]
    assert (await put(client, me, **{"If-Match": fresh})).status_code == 200


async def test_it_needs_somebody(client):
    assert (await client.put("/profile/photo", content=picture())).status_code == 401
    assert (await client.delete("/profile/photo")).status_code == 401


class Slow(LocalStorage):
    """A storage in which something happens before it keeps what it is given."""

    def __init__(self, folder, happens):
        super().__init__(folder)
        self.happens = happens

    async def put(self, files):
        await self.happens()
        await super().put(files)


async def test_no_transaction_is_open_while_it_is_stored(
    real_doors, real_database, adapters, settings
):
    open_ones = []

    async def look():
        async with real_database.lend() as raw:
            open_ones.append(await raw.fetchval(IDLE))

    storage = Slow(settings.data_dir / "files", look)
    doors = replace(real_doors, adapters=replace(adapters, storage=storage))
    async with real_database.transaction() as connection:
        me = await sign_in(connection, adapters)

    async with client_of(doors) as client:
        assert (await put(client, me)).status_code == 200

    assert open_ones == [0]


async def test_who_was_deactivated_meanwhile_shows_nothing(
    doors, connection, adapters, settings, ada, me, clock
):
    async def deactivate():
        await connection.run(DEACTIVATE, user_id=ada.id)

    storage = Slow(settings.data_dir / "files", deactivate)
    doors = replace(doors, adapters=replace(adapters, storage=storage))
    async with client_of(doors) as client:
        assert (await put(client, me)).status_code == 401

    clock.forward(hours=1, seconds=1)
    assert (await clean_up(doors))["drop_photos"] == 1
    assert not list((settings.data_dir / "files/photos").iterdir())


async def test_of_two_pictures_at_once_one_is_shown_and_no_other_is_left(
    real_client, real_doors, real_database, adapters, files
):
    async with real_database.transaction() as connection:
        me = await sign_in(connection, adapters)

    answers = await at_once(real_doors, *(put(real_client, me) for _ in range(6)))
    await deliver_all(real_doors)

    assert {answer.status_code for answer in answers} == {200}
    url = (await real_client.get("/profile", headers=me)).json()["photo_url"]
    assert url in {answer.json()["photo_url"] for answer in answers}
    assert len(files()) == 3
    async with real_database.read() as connection:
        assert [str(id_) for id_ in await connection.all(ROWS)] == [url.split("/")[-2]]


async def test_a_storage_that_fails_is_a_503_and_changes_nothing(
    client, doors, connection, adapters, settings, me, clock
):
    url = (await put(client, me)).json()["photo_url"]
    broken = settings.data_dir / "broken"
    broken.write_text("no folder")
    poor = replace(doors, adapters=replace(adapters, storage=LocalStorage(broken)))

    async with client_of(poor) as waiting:
        kept, seen = await put(waiting, me), await waiting.get(url)

    for answer in (kept, seen):
        assert (answer.status_code, answer.json()["code"]) == (503, "storage-unavailable")
        assert answer.headers["Retry-After"]
        assert str(settings.data_dir) not in answer.text
    assert (await client.get("/profile", headers=me)).json()["photo_url"] == url
    clock.forward(hours=1, seconds=1)
    assert (await clean_up(doors))["drop_photos"] == 1
    assert len(await connection.all(ROWS)) == 1
    assert (await client.get(url)).status_code == 200


async def test_what_may_be_shown_soon_is_not_swept(doors, connection, adapters, clock, me):
    async with doors.writing() as services:
        actor = await services.actor(adapters.tokens.verify(me["Authorization"][7:]))
        await services.photos.keep(actor, picture())

    clock.forward(minutes=59)
    early = (await clean_up(doors))["drop_photos"]
    clock.forward(minutes=2)
    late = (await clean_up(doors))["drop_photos"]

    assert (early, late, await connection.all(ROWS)) == (0, 1, [])


class Gated(PillowImaging):
    """Tells when it is asked, and works when it is let."""

    def __init__(self):
        super().__init__()
        self.asked, self.let = asyncio.Event(), threading.Event()

    async def fitted(self, content, sides):
        self._threads.submit(self.let.wait, SOON)
        self.asked.set()
        return await super().fitted(content, sides)


async def test_nobody_waits_for_the_pictures_of_others(real_doors, real_database, adapters):
    async with real_database.transaction() as connection:
        me = await sign_in(connection, adapters)
    imaging = Gated()
    async with client_of(Doors(real_database, replace(adapters, imaging=imaging))) as client:
        pictures = asyncio.gather(*(put(client, me) for _ in range(2)))
        await asyncio.wait_for(imaging.asked.wait(), SOON)

        assert (await client.get("/tags")).status_code == 200
        assert await adapters.passwords.hash("correct horse battery")

        assert not pictures.done()
        imaging.let.set()
        assert [answer.status_code for answer in await pictures] == [200, 200]
    imaging.close()


async def test_a_photo_may_be_kept_for_ever(client, me):
    url = (await put(client, me)).json()["photo_url"]

    photo = await client.get(url)
    known = await client.get(url, headers={"If-None-Match": photo.headers["ETag"]})
    other = await client.get(url, headers={"If-None-Match": '"other"'})

    for answer in (photo, known):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert photo.headers["Content-Type"] == "image/webp"
    assert (known.status_code, known.content) == (304, b"")
    assert (other.status_code, other.content) == (200, photo.content)
    head = await client.head(url)
    assert (head.content, head.headers["Content-Length"]) == (b"", str(len(photo.content)))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/photos/{NOWHERE}/small", 404),
        (f"/photos/{NOWHERE}/huge", 422),
        (f"/photos/{NOWHERE}/small.webp", 422),
        (f"/photos/{NOWHERE.hex}/small", 422),
        ("/photos/..%2f..%2fmail/small", 404),
        ("/photos/x/small", 422),
        (f"/photos/{NOWHERE}", 404),
    ],
)
async def test_what_is_no_photo_is_not_found(client, path, status):
    assert (await client.get(path)).status_code == status


def test_the_settings_choose_where_files_are_kept(settings, adapters):
    s3 = {"s3_endpoint_url": "https://s3.example", "s3_bucket": "pictures"}

    assert isinstance(adapters.storage, LocalStorage)
    assert isinstance(build_adapters(settings.model_copy(update=s3)).storage, S3Storage)
