"""What the application relies on, of each kind of storage alike."""

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.storage import StorageUnavailable
from app.integrations.storage.local import LocalStorage
from app.integrations.storage.protocol import Storage
from app.integrations.storage.s3 import Bucket, S3Storage
from tests.factories.buckets import s3_server


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with s3_server() as bucket:
        yield bucket


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "local":
        return LocalStorage(tmp_path / "files")
    return S3Storage(request.getfixturevalue("bucket"))


async def test_what_was_put_is_there(storage):
    content = bytes(range(256)) * 5000
    await storage.put({"photos/a-small.webp": content, "photos/a-large.webp": b""})

    assert await storage.get("photos/a-small.webp") == content
    assert await storage.get("photos/a-large.webp") == b""


async def test_what_is_put_again_takes_the_place_of_the_first(storage):
    await storage.put({"photos/b": b"first, and longer"})
    await storage.put({"photos/b": b"second"})

    assert await storage.get("photos/b") == b"second"


async def test_what_was_never_put_is_none(storage):
    assert await storage.get("photos/never") is None
    assert await storage.get("nowhere/at/all") is None


async def test_what_is_deleted_is_gone_and_the_rest_stays(storage):
    await storage.put({f"photos/{name}": name.encode() for name in "cde"})

    await storage.delete(["photos/c", "photos/never", "photos/d"])

    assert [await storage.get(f"photos/{name}") for name in "cde"] == [None, None, b"e"]


async def test_deleting_may_be_done_twice(storage):
    await storage.put({"photos/f": b"f"})

    for _ in range(2):
        await storage.delete(["photos/f", "photos/g"])

    assert await storage.get("photos/f") is None


async def test_whoever_reads_while_it_is_written_gets_one_or_the_other(storage):
    contents = [bytes([number]) * 300_000 for number in range(4)]
    await storage.put({"photos/h": contents[0]})

    found = await asyncio.gather(
        *(storage.put({"photos/h": content}) for content in contents),
        *(storage.get("photos/h") for _ in range(8)),
    )

    assert set(found[4:]) <= set(contents)


@pytest.mark.parametrize("key", ["../outside", "a/../../outside", "/../outside"])
async def test_no_key_leads_out_of_the_folder(tmp_path, key):
    storage = LocalStorage(tmp_path / "files")

    with pytest.raises(ValueError):
        await storage.put({key: b"x"})

    assert not (tmp_path / "outside").exists()


async def test_the_folder_is_its_users_alone(tmp_path):
    await LocalStorage(tmp_path / "files").put({"photos/a": b"a"})

    assert (tmp_path / "files").stat().st_mode & 0o077 == 0
    assert (tmp_path / "files/photos/a").read_bytes() == b"a"  # where a backup looks for it


async def all_fail(storage: Storage) -> float:
    started = time.monotonic()
    for call in (
        storage.put({"photos/a": b"a"}),
        storage.get("photos/a"),
        storage.delete(["photos/a", "photos/b"]),
    ):
        with pytest.raises(StorageUnavailable):
            await call
    return time.monotonic() - started


async def test_a_folder_that_cannot_be_written_to_is_a_refusal(tmp_path):
    (tmp_path / "files").write_text("a file")

    assert await all_fail(LocalStorage(tmp_path / "files")) < 1


async def test_a_server_that_is_not_there_is_a_refusal(bucket):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        await all_fail(S3Storage(replace(bucket, endpoint=endpoint, seconds=0.2)))


async def test_a_server_that_never_answers_is_waited_for_no_longer_than_told(bucket):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"

        taken = await all_fail(S3Storage(replace(bucket, endpoint=endpoint, seconds=0.1)))

    assert taken < 2


async def test_a_bucket_that_is_not_there_takes_nothing(bucket):
    with pytest.raises(StorageUnavailable):
        await S3Storage(replace(bucket, name="other")).put({"photos/a": b"a"})


def test_the_secret_is_not_shown(bucket):
    assert "hush" not in repr(replace(bucket, secret="hush"))


async def test_what_is_there_is_listed_by_its_folder(storage):
    await storage.put({f"listed/{number}": b"x" for number in range(3)} | {"other/1": b"x"})

    found = [one async for batch in storage.listed("listed/") for one in batch]
    nothing = [one async for batch in storage.listed("never/") for one in batch]

    assert {one.key for one in found} == {"listed/0", "listed/1", "listed/2"}
    assert all(one.stored_at.tzinfo for one in found)
    assert nothing == []
