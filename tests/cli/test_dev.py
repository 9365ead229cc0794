"""Everything on one machine, as `make run` starts it."""

import json
import os
import re
import signal
import socket
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import dev, postmaster
from app.cli.serve import AddressInUse
from app.core.config import SettingsError, load_settings
from tests.cli.command import banister

ADDRESS = re.compile(r"ready on (http://\S+)")


class Running:
    """`banister dev` on a free port, once it said that it is ready."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.process = banister(directory, "dev", PORT="0")
        assert self.process.stdout is not None
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                break
        self.said = "".join(lines)
        found = ADDRESS.search(self.said)
        assert found is not None, self.process.communicate()[1]
        self.url = found[1]

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()

    def post(self, path: str, body: dict[str, str]) -> int:
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=15)
        return self.process.returncode


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="banister cli ") as folder:
        yield Path(folder)


@pytest.fixture
def server(directory: Path) -> Iterator[Running]:
    running = Running(directory)
    yield running
    running.process.kill()
    running.process.communicate()


def children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def test_a_newcomer_finds_all_that_is_printed(server):
    _, *pages = re.findall(r"http://\S+", server.said)

    assert server.get("/health/ready") == (200, '{"status":"ok"}')
    assert f"{server.url}/docs" in pages
    assert [server.get(page.removeprefix(server.url))[0] for page in pages] == [200] * len(pages)
    assert (server.directory / ".data" / "secret_key").exists()

    (postgres,) = children(server.process.pid)
    assert server.end(signal.SIGTERM) == 0
    assert not Path(f"/proc/{postgres}").exists()


def test_an_account_made_beside_it_can_sign_in_and_outlives_a_kill(server):
    account = {"email": "boss@example.com", "password": "no-flowers-for-algernon"}
    made = banister(
        server.directory,
        *("create-superadmin", "--email", account["email"], "--password", account["password"]),
    )

    said = made.communicate(timeout=30)
    assert made.returncode == 0, said
    assert said[0] == "boss@example.com is super_admin now\n"
    assert server.post("/auth/login", account) == 200

    server.end(signal.SIGKILL)
    again = Running(server.directory)
    try:
        assert again.post("/auth/login", account) == 200
    finally:
        assert again.end(signal.SIGINT) == 0
    assert postmaster.find(server.directory / ".data" / "postgres") is None


def test_it_ends_with_one_line_when_its_database_is_killed(server):
    (tether,) = children(server.process.pid)

    os.kill(int(tether), signal.SIGKILL)
    _, said = server.process.communicate(timeout=20)

    assert server.process.returncode == 1
    assert "\nbanister: PostgreSQL was ended by somebody else; start again\n" in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_told_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = load_settings(_env_file=None, data_dir=tmp_path / "data", port=port)

        with pytest.raises(AddressInUse) as refusal:
            dev.run(settings)

    assert str(refusal.value) == f"can't listen on 127.0.0.1:{port}: Address already in use"
    assert not (tmp_path / "data").exists()


def test_production_is_not_for_dev(tmp_path):
    settings = load_settings(
        _env_file=None,
        environment="production",
        secret_key="k" * 32,
        database_url="postgresql://db/banister",
    )

    with pytest.raises(SettingsError, match="production is for `banister serve`"):
        dev.run(settings)
