"""Files that people send along, over HTTP."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from sqlalchemy import bindparam, delete, select, update

from app.core.ids import new_id
from app.core.statements import Command, Query
from app.domain.files import FileDropped, FileNotFound, FileOwner, FileState, key_of
from app.integrations.storage.local import LocalStorage
from app.models import Bookings, Files
from app.repositories.files import FileRepository
from app.tasks.cleanup import clean_up, drop_bereft_files, drop_files
from app.tasks.delivery import deliver
from tests.conftest import client_of
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.files import make_file, pdf
from tests.factories.images import bomb, opened, picture, telling
from tests.factories.jobs import announced, deliver_all
from tests.factories.races import at_once, meeting
from tests.factories.reviews import make_review

ROWS = Query(select(Files.id, Files.state).order_by(Files.id), lambda *row: row)
STATE = Command(
    update(Files).where(Files.id == bindparam("file_id")).values(state=bindparam("new_state"))
)
WITHOUT_BOOKING = Command(delete(Bookings).where(Bookings.id == bindparam("booking_id")))
MOST = 10 << 20
NOWHERE = UUID("0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e")
IDLE = (
    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
    " AND datname = current_database()"
)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture
async def ada(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


@pytest.fixture
def stored(settings):
    """Return the names of the files that are kept."""
    folder = settings.data_dir / "files/files"
    return lambda: sorted(path.name for path in folder.glob("*"))


async def send(client, me, content=b"Just text.", name="note.txt", declared="text/plain"):
    return await client.post("/files", headers=me, files={"file": (name, content, declared)})


async def test_a_file_is_sent_seen_and_deleted(client, doors, connection, me, stored):
    sent = await send(client, me, name="Notes: me.md")
    file = sent.json()

    assert sent.status_code == 201
    assert sent.headers["Location"] == f"/api/v1/files/{file['id']}"
    assert (file["name"], file["media_type"], file["size"]) == ("Notes_ me.txt", "text/plain", 10)
    assert (await client.get(f"/files/{file['id']}", headers=me)).json() == file
    content = await client.get(file["url"])
    assert (content.status_code, content.content) == (200, b"Just text.")
    assert stored() == [file["id"]]

    assert (await client.delete(f"/files/{file['id']}", headers=me)).status_code == 204
    for gone in (f"/files/{file['id']}", file["url"]):
        assert (await client.get(gone, headers=me)).status_code == 404
    assert (await client.delete(f"/files/{file['id']}", headers=me)).status_code == 404
    await deliver_all(doors)
    assert (stored(), await connection.all(ROWS)) == ([], [])


async def test_of_a_picture_only_what_is_seen_is_kept(client, me):
    sent = await send(client, me, telling(), "IMG_1.JPG", "image/jpeg")

    assert sent.json()["media_type"] == "image/webp"
    assert sent.json()["name"] == "IMG_1.webp"
    content = await client.get(sent.json()["url"])
    assert b"geheim" not in content.content
    assert content.headers["Content-Type"] == "image/webp"
    assert opened(content.content).size == (30, 40)  # upright


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_a_picture_is_known_by_its_content(client, me, kind):
    sent = await send(client, me, picture(kind, size=(3000, 1500)), "a.exe", "text/html")

    assert sent.status_code == 201
    content = (await client.get(sent.json()["url"])).content
    assert opened(content).size == (2048, 1024)
    assert sent.json()["size"] == len(content)


@pytest.mark.parametrize(
    ("content", "how", "declared"),
    [
        (picture(), "inline", "image/webp"),
        (pdf(), "attachment", "application/pdf"),
        (b"Just text.", "attachment", "text/plain; charset=utf-8"),
    ],
)
async def test_a_browser_runs_nothing_of_it(client, me, content, how, declared):
    url = (await send(client, me, content, 'Ёж"\r\n.html')).json()["url"]

    answer = await client.get(url)

    headers = answer.headers
    assert headers["Content-Type"] == declared
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Content-Disposition"].startswith(f"{how}; filename=")
    assert "filename*=UTF-8''%D0%81%D0%B6_" in headers["Content-Disposition"]
    assert headers["Cache-Control"].startswith("private")


# What is sent, and what it is answered: the hostile catalogue of uploads.
HOSTILE = {
    "svg": (SVG, "a.svg", "image/svg+xml", "unsupported-file"),
    "svg said to be a picture": (SVG, "a.png", "image/png", "unsupported-file"),
    "html said to be a jpeg": (b"<html><script>x</script>", "a.jpg", "image/jpeg", None),
    "a script after a text": (b"hi <script>x</script>", "a.txt", "text/plain", None),
    "elf said to be a pdf": (b"\x7fELF\x02\x01\x00", "a.pdf", "application/pdf", None),
    "zip": (b"PK\x03\x04" + bytes(100), "a.zip", "application/zip", None),
    "a shell script": (b"#!/bin/sh\nid", "a.txt", "text/plain", None),
    "an empty file": (b"", "a.txt", "text/plain", None),
    "pdf with a script": (pdf(b"<< /S /JavaScript /JS (x) >>"), "a.pdf", "application/pdf", None),
    "pdf cut off": (pdf()[:60], "a.pdf", "application/pdf", None),
    "bomb": (bomb(), "a.png", "image/png", "image-too-large"),
    "picture cut off": (picture()[:200], "a.jpg", "image/jpeg", "unreadable-image"),
    "a head and no picture": (b"\xff\xd8\xff<script>", "a.jpg", "image/jpeg", "unreadable-image"),
    "gif that is a jar": (b"GIF89aPK\x03\x04", "a.gif", "image/gif", "unreadable-image"),
    "utf-16": ("text".encode("utf-16"), "a.txt", "text/plain", None),
}


@pytest.mark.parametrize("what", HOSTILE)
async def test_what_is_hostile_leaves_no_trace(client, connection, me, stored, what):
    content, name, declared, code = HOSTILE[what]

    answer = await send(client, me, content, name, declared)

    assert (answer.status_code, answer.json()["code"]) == (422, code or "unsupported-file")
    assert (stored(), await connection.all(ROWS)) == ([], [])


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("CON", "_CON.txt"),
        (".htaccess", "htaccess.txt"),
        ("photo\u202egpj.exe", "photogpj.txt"),
        ("x" * 250, "x" * 100 + ".txt"),
    ],
)
async def test_a_name_is_words_and_no_place(client, me, stored, name, becomes):
    file = (await send(client, me, name=name)).json()

    assert file["name"] == becomes
    assert stored() == [file["id"]]


async def test_a_name_as_it_comes_may_hold_anything(client, me):
    """Clients write %00 and %0A, which a form does not; so this one is written by hand."""
    disposition = b'Content-Disposition: form-data; name="file"; filename="a\x00b\x1b\x7f.sh"'
    body = b"--x\r\n" + disposition + b"\r\n\r\nJust text.\r\n--x--"
    headers = me | {"Content-Type": "multipart/form-data; boundary=x"}

    sent = await client.post("/files", headers=headers, content=body)

    assert sent.status_code in (201, 400)
    if sent.status_code == 201:
        assert sent.json()["name"] == "ab.txt"


@pytest.mark.parametrize(
    ("body", "declared", "status"),
    [
        (b"", "multipart/form-data", 400),
        (b"nonsense", "multipart/form-data; boundary=x", 400),
        (
            b"--x\r\n" + b"A: b\r\n" * 20_000 + b"\r\n1\r\n--x--",
            "multipart/form-data; boundary=x",
            400,
        ),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422),
        (b"{}", "application/json", 415),
        (picture(), "image/jpeg", 415),
    ],
    ids=["no boundary", "no form", "headers", "no file", "json", "bare"],
)
async def test_what_is_no_form_is_refused(client, me, body, declared, status):
    headers = me | {"Content-Type": declared}

    assert (
        await client.post("/files", headers=headers, content=body or b" ")
    ).status_code == status


async def test_of_many_files_or_fields_none_is_taken(client, connection, me):
    many = [("file", (f"{n}.txt", b"x")) for n in range(1001)]
    two = [("file", ("a.txt", b"x")), ("file", ("b.txt", b"x"))]

    told = [
        (await client.post("/files", headers=me, files=files)).status_code for files in (many, two)
    ]
    with_field = await client.post("/files", headers=me, files=two[:1], data={"owner": "x"})

    assert (told, with_field.status_code) == ([400, 400], 400)
    assert await connection.all(ROWS) == []


async def test_what_is_too_large_is_not_read_to_its_end(client, connection, me):
    sent = 0

    async def endless():
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        while True:
            sent += 1 << 20
            yield bytes(1 << 20)

    headers = me | {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await client.post("/files", headers=headers, content=endless())

    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert sent <= MOST + (1 << 20)
    assert await connection.all(ROWS) == []


async def test_it_is_anothers_as_if_it_were_not_there(client, connection, adapters, me):
    file = (await send(client, me)).json()
    other = await sign_in(connection, adapters)

    for path in (file["id"], NOWHERE):
        for method in ("GET", "DELETE"):
            answer = await client.request(method, f"/files/{path}", headers=other)
            assert (answer.status_code, answer.json()["code"]) == (404, "file-not-found")
    assert (await client.get(f"/files/{file['id']}")).status_code == 401
    assert (await client.get(f"/files/{file['id']}", headers=me)).status_code == 200


async def test_a_link_lapses(client, me, clock):
    file = (await send(client, me)).json()

    clock.forward(minutes=14)
    assert (await client.get(file["url"])).status_code == 200
    clock.forward(minutes=16, seconds=1)
    late = await client.get(file["url"])
    again = (await client.get(f"/files/{file['id']}", headers=me)).json()

    assert (late.status_code, late.json()["code"]) == (404, "file-link-lapsed")
    assert (await client.get(again["url"])).status_code == 200


async def test_a_link_is_the_same_for_a_while(client, me, clock):
    first = (await send(client, me)).json()
    path = f"/files/{first['id']}"
    tag = (await client.get(path, headers=me)).headers["ETag"]

    clock.forward(seconds=30)

    unchanged = await client.get(path, headers=me | {"If-None-Match": tag})
    assert unchanged.status_code == 304
    content = await client.get(first["url"])
    known = await client.get(first["url"], headers={"If-None-Match": content.headers["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


async def test_a_link_can_not_be_made_up_or_lengthened(client, me):
    file, other = [(await send(client, me)).json() for _ in range(2)]
    base, _, asked = file["url"].partition("?")
    parts = dict(pair.split("=") for pair in asked.split("&"))
    made_up = [
        {**parts, "expires": str(int(parts["expires"]) + 1)},
        {**parts, "expires": str((1 << 33) - 1)},
        {**parts, "signature": "0" * 64},
        {**parts, "signature": parts["signature"][::-1]},
    ]

    for params in made_up:
        assert (await client.get(base, params=params)).status_code == 404
    assert (await client.get(other["url"].partition("?")[0], params=parts)).status_code == 404
    for broken in (
        {},
        {**parts, "expires": "x"},
        {**parts, "signature": "ü" * 64},
        {**parts, "a": "b"},
    ):
        assert (await client.get(base, params=broken)).status_code == 422


async def test_links_that_were_given_can_be_revoked(client, doors, connection, ada, me):
    file, review = (await send(client, me)).json(), new_id()
    async with doors.writing() as services:
        await services.files.attach(actor_of(ada), [UUID(file["id"])], FileOwner.REVIEW, review)
        await services.files.revoke_links(FileOwner.REVIEW, review)

    assert (await client.get(file["url"])).status_code == 404
    anew = (await client.get(f"/files/{file['id']}", headers=me)).json()
    assert (await client.get(anew["url"])).status_code == 200


class Seen:
    """A sight for which one person alone may see what hangs there."""

    def __init__(self, user_id):
        self.user_id = user_id

    async def may_see(self, actor, owner_id):
        return actor.user_id == self.user_id


async def test_what_hangs_somewhere_is_seen_by_those_who_may_see_that(
    client, doors, connection, adapters, ada, me, monkeypatch
):
    friend, stranger = [await make_user(connection) for _ in range(2)]
    file = UUID((await send(client, me)).json()["id"])
    sights = property(lambda _: {FileOwner.MESSAGE: Seen(friend.id)})
    monkeypatch.setattr("app.bootstrap.Services._file_sights", sights)

    async def told():
        people = [await sign_in(connection, adapters, user_id=one.id) for one in (friend, stranger)]
        return [(await client.get(f"/files/{file}", headers=one)).status_code for one in people]

    before = await told()
    async with doors.writing() as services:
        await services.files.attach(actor_of(ada), [file], FileOwner.MESSAGE, new_id())

    assert (before, await told()) == ([404, 404], [200, 404])


async def test_what_is_anothers_or_hangs_elsewhere_can_not_be_attached(doors, connection, ada):
    other, here = await make_user(connection), new_id()
    mine, second = [await make_file(connection, ada.id) for _ in range(2)]
    wrong = {
        "another's": await make_file(connection, other.id),
        "attached": await make_file(
            connection, ada.id, owner_kind=FileOwner.REVIEW, owner_id=new_id()
        ),
        "under way": await make_file(connection, ada.id, state=FileState.PENDING),
        "dropped": await make_file(connection, ada.id, state=FileState.DROPPED),
    }

    for one in (*wrong.values(), replace(mine, id=NOWHERE)):
        with pytest.raises(FileNotFound):
            async with doors.writing() as services:
                await services.files.attach(
                    actor_of(ada), [mine.id, one.id], FileOwner.MESSAGE, here
                )
    async with doors.writing() as services:
        attached = await services.files.attach(
            actor_of(ada), [second.id, mine.id], FileOwner.MESSAGE, here
        )
        again = await services.files.attach(
            actor_of(ada), [mine.id, second.id], FileOwner.MESSAGE, here
        )
        found = await services.files.of(FileOwner.MESSAGE, [here, new_id()])

    assert [one.id for one in attached] == [second.id, mine.id]
    assert [one.id for one in again] == [mine.id, second.id]
    assert [link.file.id for link in found[here]] == [mine.id, second.id]


async def test_a_file_is_attached_once_by_two_at_once(real_doors, real_database):
    async with real_database.read() as connection:
        ada = await make_user(connection)
        file = await make_file(connection, ada.id)

    async def attach():
        async with real_doors.writing() as services:
            await services.files.attach(actor_of(ada), [file.id], FileOwner.REVIEW, new_id())

    told = await at_once(real_doors, *(asyncio.wait_for(quiet(attach()), 15) for _ in range(4)))

    assert sorted(told) == [False, False, False, True]


async def quiet(call):
    try:
        await call
    except FileNotFound:
        return False
    return True


async def test_what_an_owner_gives_up_goes(client, doors, connection, ada, me, stored):
    kept, dropped = [(await send(client, me)).json()["id"] for _ in range(2)]
    here = new_id()
    async with doors.writing() as services:
        ids = [UUID(kept), UUID(dropped)]
        await services.files.attach(actor_of(ada), ids, FileOwner.REVIEW, here)
        await services.files.drop_of(FileOwner.REVIEW, here, keep=[UUID(kept)])
    await deliver_all(doors)
    assert stored() == [kept]

    async with doors.writing() as services:
        await services.files.drop_of(FileOwner.REVIEW, here)
    await deliver_all(doors)
    assert (stored(), await connection.all(ROWS)) == ([], [])


def poor(doors, **changes):
    settings = doors.adapters.settings.model_copy(update=changes)
    return replace(doors, adapters=replace(doors.adapters, settings=settings))


async def test_one_person_has_so_many_files_and_no_more(doors, connection, adapters, me):
    async with client_of(poor(doors, files_per_user=2)) as client:
        told = [await send(client, me) for _ in range(3)]
        await client.delete(f"/files/{told[0].json()['id']}", headers=me)
        again = await send(client, me)
        theirs = await send(client, await sign_in(connection, adapters))

    assert [one.status_code for one in told] == [201, 201, 409]
    assert told[2].json()["code"] == "storage-quota-exceeded"
    assert (again.status_code, theirs.status_code) == (201, 201)


async def test_one_person_has_so_many_bytes_and_no_more(doors, me):
    half = b"x" * (600 << 10)
    async with client_of(poor(doors, file_megabytes_per_user=1)) as client:
        told = [(await send(client, me, content)).status_code for content in (half, half, b"x")]

    assert told == [201, 409, 201]


async def few(real_doors, real_database):
    async with real_database.read() as connection:
        me = await sign_in(connection, real_doors.adapters)
    return poor(real_doors, files_per_user=2), me


async def test_of_files_sent_at_once_no_more_pass_than_there_is_room(real_doors, real_database):
    doors, me = await few(real_doors, real_database)

    async with client_of(doors) as client:
        answers = await at_once(doors, *(send(client, me) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]


async def test_without_the_lock_more_pass(real_doors, real_database, monkeypatch):
    """The control of the test above: all have counted before any adds."""
    doors, me = await few(real_doors, real_database)

    async def unlocked(self, user_id):
        pass

    monkeypatch.setattr(FileRepository, "lock_uploads", unlocked)
    monkeypatch.setattr(FileRepository, "add", meeting(FileRepository.add, 3))
    async with client_of(doors) as client:
        answers = await at_once(doors, *(send(client, me) for _ in range(3)))

    assert [answer.status_code for answer in answers] == [201, 201, 201]


class Slow(LocalStorage):
    """A storage in which something happens before it keeps what it is given."""

    def __init__(self, folder, happens):
        super().__init__(folder)
        self.happens = happens

    async def put(self, files):
        await self.happens(files)
        await super().put(files)


def slow(doors, happens):
    storage = Slow(doors.adapters.settings.data_dir / "files", happens)
    return replace(doors, adapters=replace(doors.adapters, storage=storage))


async def test_no_transaction_is_open_while_it_is_stored(real_doors, real_database, adapters):
    open_ones = []

    async def look(_):
        async with real_database.lend() as raw:
            open_ones.append(await raw.fetchval(IDLE))

    async with real_database.read() as connection:
        me = await sign_in(connection, adapters)
    async with client_of(slow(real_doors, look)) as client:
        assert (await send(client, me)).status_code == 201

    assert open_ones == [0]


async def test_what_was_dropped_on_its_way_is_not_kept(doors, connection, me, stored):
    async def erase(files):
        (key,) = files
        await connection.run(STATE, file_id=key.split("/")[1], new_state=FileState.DROPPED)

    async with client_of(slow(doors, erase)) as client:
        answer = await send(client, me)

    assert (answer.status_code, stored()) == (404, [])


async def test_what_a_crash_left_half_done_is_swept(doors, connection, me, stored, clock):
    async def crash(files):
        raise RuntimeError("the power is gone")

    async with client_of(slow(doors, crash)) as client:
        assert (await send(client, me)).status_code == 500
    (row,) = await connection.all(ROWS)
    assert row[1] is FileState.PENDING

    clock.forward(minutes=59)
    early = (await clean_up(doors))["drop_files"]
    clock.forward(minutes=2)
    late = (await clean_up(doors))["drop_files"]

    assert (early, late, await connection.all(ROWS)) == (0, 1, [])


async def test_what_is_attached_to_nothing_for_a_day_is_swept(
    client, doors, ada, me, stored, clock
):
    attached, free = [(await send(client, me)).json()["id"] for _ in range(2)]
    async with doors.writing() as services:
        await services.files.attach(actor_of(ada), [UUID(attached)], FileOwner.REVIEW, new_id())

    clock.forward(hours=23)
    early = await doors.perform(drop_files)
    clock.forward(hours=2)
    late = await doors.perform(drop_files)

    assert (early, late, stored()) == (0, 1, [attached])
    assert free != attached


async def test_what_hung_on_what_is_gone_is_swept(doors, connection, client, ada, me, stored):
    """A review goes with its booking: nobody is asked, and nothing drops its photos."""
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    booking = await make_booking(connection, ada.id, offering, provider, starts_at=at(-600))
    review = await make_review(connection, booking)
    sent = [(await send(client, me)).json()["id"] for _ in range(3)]
    async with doors.writing() as services:
        for file_id, kind in ((sent[0], FileOwner.REVIEW), (sent[1], FileOwner.MESSAGE)):
            await services.files.attach(actor_of(ada), [UUID(file_id)], kind, review.id)
    early = (await clean_up(doors))["drop_bereft_files"]
    left = stored()

    await connection.run(WITHOUT_BOOKING, booking_id=booking.id)
    late = (await clean_up(doors))["drop_bereft_files"]

    assert (early, sorted(left)) == (1, sorted([sent[0], sent[2]])), "there is no such message"
    assert (late, stored()) == (1, [sent[2]])
    again = await doors.perform(drop_bereft_files)
    assert again == 0


async def test_one_sees_a_page_of_what_one_sent(client, connection, adapters, ada, me, clock):
    other = await sign_in(connection, adapters)
    sent = []
    for number in range(5):
        clock.forward(seconds=1)
        sent.append((await send(client, me, name=f"{number}.txt")).json())
    await send(client, other)
    await client.delete(f"/files/{sent[1]['id']}", headers=me)
    await make_file(connection, ada.id, state=FileState.PENDING)

    first = (await client.get("/files?limit=3", headers=me)).json()
    cursor = first["next_cursor"]
    rest = (await client.get(f"/files?limit=3&cursor={cursor}", headers=me)).json()

    names = [one["name"] for one in first["items"] + rest["items"]]
    assert names == ["4.txt", "3.txt", "2.txt", "0.txt"]
    assert rest["next_cursor"] is None
    assert first["items"][0] == sent[4]
    content = await client.get(urlsplit(first["items"][0]["url"]).path.removeprefix("/api/v1"))
    assert content.status_code == 422, "the link holds its signature"
    nobody = await client.get("/files")
    assert nobody.status_code == 401


async def test_what_no_row_tells_of_is_swept_once_it_is_old(
    client, doors, adapters, me, stored, clock
):
    known = (await send(client, me)).json()["id"]
    await adapters.storage.put({key_of(NOWHERE): b"x", "files/no-id": b"x", "photos/mine": b"x"})
    (stored_at,) = [
        one.stored_at async for batch in adapters.storage.listed("photos/") for one in batch
    ]

    clock.now = stored_at + timedelta(hours=23)
    early = (await clean_up(doors))["drop_unknown_files"]
    left = stored()
    clock.now = stored_at + timedelta(hours=25)
    late = (await clean_up(doors))["drop_unknown_files"]

    assert (early, late) == (0, 2)
    assert set(left) == {known, str(NOWHERE), "no-id"}
    assert await adapters.storage.get("photos/mine") == b"x"


async def test_a_file_is_dropped_once_however_often_it_is_said(client, doors, connection, me):
    file = (await send(client, me)).json()
    kept = (await send(client, me)).json()
    await client.delete(f"/files/{file['id']}", headers=me)
    (message,) = await announced(connection)

    for one in (message, message, FileDropped(UUID(kept["id"]))):
        await deliver(doors, one)

    assert [row[0] for row in await connection.all(ROWS)] == [UUID(kept["id"])]
    assert (await client.get(kept["url"])).status_code == 200


async def test_a_storage_that_fails_is_a_503(doors, adapters, connection, settings, me):
    broken = settings.data_dir / "broken"
    broken.write_text("no folder")
    without = replace(doors, adapters=replace(adapters, storage=LocalStorage(broken)))

    async with client_of(without) as client:
        answer = await send(client, me)

    assert (answer.status_code, answer.json()["code"]) == (503, "storage-unavailable")
    assert str(settings.data_dir) not in answer.text
    assert [row[1] for row in await connection.all(ROWS)] == [FileState.PENDING]
