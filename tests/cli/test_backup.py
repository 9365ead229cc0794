"""Backups: what was, is again; what is damaged is not believed."""

import asyncio
import os
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from app.cli import dumps
from app.cli.backup import BackupError, dump_database, ensure_unharmed, pack_files
from app.cli.migrations import look
from app.cli.surroundings import perform
from app.core.config import Settings, load_settings
from tests.conftest import SERVER, database_named, execute

CATEGORY = """INSERT INTO categories (id, slug, name, position, created_at, updated_at)
 VALUES (gen_random_uuid(), '{0}', '{0}', 0, now(), now())"""

JOB = "INSERT INTO jobs.pgqueuer (priority, entrypoint, status) VALUES (0, 'x', 'queued')"


@pytest.fixture
def settings(worker_id: str, tmp_path: Path) -> Iterator[Settings]:
    """The settings of a migrated database that is this test's alone."""
    server, _, template = os.environ[SERVER].partition("#")
    name = f"banister_backup_{os.getpid()}_{worker_id}"
    asyncio.run(execute(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield load_settings(
        _env_file=None,
        database_url=database_named(server, name),
        data_dir=tmp_path / "da ta",
        secret_key="k" * 32,
    )
    asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


def address(settings: Settings) -> str:
    return settings.database_url.get_secret_value()


def change(settings: Settings, *statements: str) -> None:
    asyncio.run(execute(address(settings), *statements))


def slugs(settings: Settings) -> list[str]:
    async def run() -> list[str]:
        connection = await asyncpg.connect(address(settings))
        try:
            rows = await connection.fetch("SELECT slug FROM categories ORDER BY slug")
        finally:
            await connection.close()
        return [row["slug"] for row in rows]

    return asyncio.run(run())


def test_a_restored_database_is_what_it_was(settings):
    change(settings, CATEGORY.format("hair"))
    dump = dump_database(settings)
    change(
        settings,
        "DELETE FROM categories",
        CATEGORY.format("nails"),
        "CREATE TABLE later (category uuid REFERENCES categories)",
    )

    ensure_unharmed(dump)
    dumps.load(address(settings), dump)

    assert slugs(settings) == ["hair"]
    assert perform(settings, look).is_migrated
    change(settings, JOB)


def test_a_dump_that_ends_too_soon_changes_nothing(settings):
    change(settings, CATEGORY.format("hair"))
    dump = dump_database(settings)
    dump.write_bytes(dump.read_bytes()[:-2000])

    with pytest.raises(dumps.DumpError, match="nothing was restored"):
        dumps.load(address(settings), dump)

    assert slugs(settings) == ["hair"]


def test_a_backup_comes_with_a_checksum_and_for_its_owner_alone(settings):
    dump = dump_database(settings)

    assert dump.stat().st_mode & 0o777 == 0o600
    assert dump.parent == settings.data_dir / "backups"
    digest, name = Path(f"{dump}.sha256").read_text().split()
    assert (len(digest), name) == (64, dump.name)


def test_a_damaged_backup_is_refused(tmp_path):
    file = tmp_path / "a.dump"
    file.write_bytes(b"as it is now")
    Path(f"{file}.sha256").write_text(f"{'0' * 64}  a.dump\n")

    with pytest.raises(BackupError, match="is damaged"):
        ensure_unharmed(file)


def test_a_backup_without_a_checksum_is_refused(tmp_path):
    file = tmp_path / "a.dump"
    file.write_bytes(b"whatever")

    with pytest.raises(BackupError, match="can't check"):
        ensure_unharmed(file)


def test_a_dump_that_fails_leaves_no_file(settings, tmp_path):
    missing = settings.model_copy(
        update={"database_url": type(settings.database_url)(f"{address(settings)}_not")}
    )

    with pytest.raises(dumps.DumpError, match="the dump failed"):
        dump_database(missing)

    assert list((settings.data_dir / "backups").iterdir()) == []


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    return load_settings(_env_file=None, data_dir=tmp_path, backup_keep_days=2)


def test_files_are_packed_with_their_names(local):
    (local.data_dir / "files" / "photos").mkdir(parents=True)
    (local.data_dir / "files" / "photos" / "ü.png").write_bytes(b"png")

    packed = pack_files(local)

    ensure_unharmed(packed)
    with tarfile.open(packed) as archive:
        assert "files/photos/ü.png" in archive.getnames()


def test_backups_that_are_too_old_go_when_there_is_a_new_one(local):
    first, second = pack_files(local), pack_files(local)
    for backup in (first, second):
        long_ago = backup.stat().st_mtime - timedelta(days=3).total_seconds()
        os.utime(backup, (long_ago, long_ago))

    third = pack_files(local)
    left = {path.name for path in third.parent.iterdir()}
    assert left == {third.name, f"{third.name}.sha256"}


def test_a_bucket_is_for_its_keeper_to_back_up(local):
    with pytest.raises(BackupError, match="S3_BUCKET"):
        pack_files(local.model_copy(update={"s3_endpoint_url": "https://s3.example.com"}))
