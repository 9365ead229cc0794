"""Tables: brought up to date by whoever comes first, waited for by the others."""

import asyncio
import os
from collections.abc import Iterator

import asyncpg
import pytest

from app.cli.migrations import look, migrate
from app.cli.surroundings import perform
from app.core.config import Settings, load_settings
from app.core.errors import DatabaseUnavailable
from app.domain.health import DatabaseState, DatabaseTooOld
from tests.cli.command import start
from tests.conftest import SERVER, database_named, execute

MIGRATE = "import sys; from app.cli.migrations import migrate; migrate(sys.argv[1])"


@pytest.fixture
def empty(worker_id: str) -> Iterator[str]:
    """The address of a database with nothing in it."""
    server = os.environ[SERVER].partition("#")[0]
    name = f"banister_empty_{os.getpid()}_{worker_id}"
    asyncio.run(execute(server, f"CREATE DATABASE {name}"))
    yield database_named(server, name)
    asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


def settings_of(url: str, directory) -> Settings:
    return load_settings(_env_file=None, database_url=url, data_dir=directory, secret_key="k" * 32)


def test_of_several_that_migrate_at_once_all_succeed(empty, tmp_path):
    migrating = [start(tmp_path, "-c", MIGRATE, empty) for _ in range(3)]

    said = [process.communicate(timeout=60)[1] for process in migrating]

    assert [process.returncode for process in migrating] == [0, 0, 0], said
    assert perform(settings_of(empty, tmp_path), look).is_migrated


def test_an_empty_database_is_seen_as_one(empty, tmp_path):
    state = perform(settings_of(empty, tmp_path), look)

    assert state.migration is None
    assert not state.is_migrated
    assert state.missing_extensions == ["btree_gist", "pg_trgm"]


def test_migrating_again_changes_nothing(url, tmp_path):
    migrate(url)

    state = perform(settings_of(url, tmp_path), look)
    assert state.is_migrated
    assert state.missing_extensions == []


def test_a_database_that_is_not_there_is_told_of(empty, tmp_path):
    with pytest.raises(DatabaseUnavailable) as refusal:
        perform(settings_of(database_named(empty, "no_such"), tmp_path), look)

    assert isinstance(refusal.value.__cause__, asyncpg.InvalidCatalogNameError)


def test_a_server_older_than_15_is_refused():
    with pytest.raises(DatabaseTooOld):
        DatabaseState(140_012, frozenset(), None, "0001").ensure_supported()
