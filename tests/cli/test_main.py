"""The program's manners: what its user can put right is said on one line."""

import json
import sys

import pytest

from app.cli import main
from app.cli.accounts import COMMANDS
from app.cli.serve import serve
from app.core.config import SettingsError, load_settings
from app.core.errors import DatabaseUnavailable
from tests.cli.command import FOREIGN, banister


@pytest.fixture
def ended(monkeypatch, tmp_path, capsys):
    """Run a command in a directory of its own; return how it ended and what it said of it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(main.signals, "end_on_sigterm", lambda: None)
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["banister", *arguments])
        with pytest.raises(SystemExit) as end:
            main.run()
        return end.value.code, capsys.readouterr().err

    return run


EVERY = ("dev", "serve", "worker", "migrate", "seed", "cleanup", "doctor", "openapi")


@pytest.mark.parametrize("command", EVERY)
def test_an_unknown_setting_ends_every_command_with_one_line(ended, tmp_path, command):
    (tmp_path / ".env").write_text("PROT=8001\n")

    assert ended(command) == (2, "banister: settings: PROT: there is no such setting\n")


def test_a_malformed_setting_is_named_without_its_value(ended, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "mysql://banister:hunter2@db/banister")

    code, said = ended("migrate")

    assert code == 2
    assert said.startswith("banister: settings: DATABASE_URL: ")
    assert said.count("\n") == 1
    assert "hunter2" not in said


def test_a_refusal_is_told_with_its_cause(ended, monkeypatch):
    def refuse() -> None:
        raise DatabaseUnavailable from ConnectionRefusedError("nobody\nlistens")

    monkeypatch.setattr(main, "read_settings", refuse)

    code, said = ended("migrate")
    assert code == 1
    assert said.endswith("(nobody listens)\n")


def test_there_is_a_command_for_every_kind_of_staff():
    assert set(COMMANDS) == {
        "create-superadmin",
        "create-admin",
        "create-accountant",
        "create-management",
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"secret_key": "k" * 32}, "DATABASE_URL: must be set"),
        ({"database_url": "postgresql://db/banister"}, "SECRET_KEY: must be set"),
        (
            {"database_url": "postgresql://db/banister", "secret_key": "change-me-" * 4},
            "SECRET_KEY: still has an example value",
        ),
    ],
)
def test_serving_needs_a_database_and_a_key_of_its_own(given, told):
    settings = load_settings(_env_file=None, **given)

    with pytest.raises(SettingsError, match=told):
        serve(settings, workers=1, limit_concurrency=10)


def test_the_openapi_document_is_written_without_a_database(tmp_path):
    writing = banister(tmp_path, "openapi", DATABASE_URL="postgresql://127.0.0.1:1/nowhere")

    written, said = writing.communicate(timeout=30)

    assert writing.returncode == 0, said
    assert json.loads(written)["info"]["title"] == "Banister"
    assert list(tmp_path.iterdir()) == []
