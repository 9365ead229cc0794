"""What every command gets before it works."""

import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import postmaster
from app.cli.surroundings import at_hand, completed, database_url, embedded, kept_secret
from app.core.config import Settings, SettingsError, load_settings


def settings_of(directory: Path, **given: object) -> Settings:
    return load_settings(_env_file=None, data_dir=directory, **given)


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="banister-cli-") as folder:
        yield Path(folder) / "postgres"


def test_a_database_that_is_set_is_taken_as_it_is(tmp_path):
    settings = settings_of(tmp_path, database_url="postgresql://db.example.com/banister")

    with database_url(settings) as url:
        assert url == "postgresql://db.example.com/banister"

    assert list(tmp_path.iterdir()) == []


def test_a_machine_without_a_secret_key_makes_one_and_keeps_it(tmp_path):
    first, second = kept_secret(tmp_path / "data"), kept_secret(tmp_path / "data")

    (kept,) = (tmp_path / "data").iterdir()
    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_of_several_that_make_the_key_at_once_all_get_the_same(tmp_path, monkeypatch):
    kept = kept_secret(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as seen by one who looked before

    assert kept_secret(tmp_path) == kept


def test_a_short_secret_key_is_refused(tmp_path):
    settings = settings_of(tmp_path, secret_key="short")

    with pytest.raises(SettingsError, match="SECRET_KEY: must have 32 bytes or more"):
        completed(settings, "postgresql://db/banister")


def test_completed_settings_have_all_a_command_needs(tmp_path):
    settings = completed(settings_of(tmp_path), "postgresql://db/banister")

    assert settings.database_url.get_secret_value() == "postgresql://db/banister"
    assert settings.secret_key.get_secret_value() == kept_secret(tmp_path)


def test_a_command_is_the_guest_of_the_server_that_runs(directory):
    with embedded(directory) as host, embedded(directory) as guest:
        assert guest == host


def test_a_server_started_for_a_command_ends_with_it(directory):
    with at_hand(settings_of(directory.parent)):
        assert postmaster.find(directory).is_ready

    assert postmaster.find(directory) is None


def test_a_command_that_started_the_server_waits_for_its_guests(directory):
    arrived, go = threading.Event(), threading.Event()
    seen = []

    def visit() -> None:
        with embedded(directory):
            arrived.set()
            go.wait(10)
            seen.append(postmaster.find(directory).is_ready)

    guest = threading.Thread(target=visit)
    with embedded(directory):
        guest.start()
        arrived.wait(10)
        threading.Timer(0.1, go.set).start()
    guest.join()

    assert seen == [True]
    assert postmaster.find(directory) is None
