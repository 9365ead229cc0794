"""The embedded server: started in a moment, ended with whoever started it, never in the way."""

import asyncio
import os
import re
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from app.cli import postmaster
from app.cli.postgres import DirectoryInUse, EmbeddedPostgres, address, socket_directory
from app.cli.programs import EmbeddedPostgresError, launch
from app.cli.unprivileged import account_for
from tests.cli.command import start

STARTER = """
import signal, sys
from pathlib import Path
from app.cli.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.start(), flush=True)
signal.pause()
"""


def ask(url: str, *statements: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def running(directory: Path) -> int:
    """Return the number of the server's process."""
    found = postmaster.find(directory)
    assert found is not None
    assert found.is_ready
    return found.pid


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """One with a space, below one that only its owner may enter.

    Not one of pytest's: it closes the directory above all of them whenever a run begins.
    """
    with tempfile.TemporaryDirectory(prefix="banister-cli-") as closed:
        (Path(closed) / "a salon").mkdir()
        yield Path(closed) / "a salon" / "post gres"


@contextmanager
def abandoned(directory: Path):
    """Yield the starter of a running server, which then ends without a word."""
    starter = start(directory.parent, "-c", STARTER, str(directory))
    assert starter.stdout is not None
    assert starter.stderr is not None
    try:
        assert starter.stdout.readline().startswith("postgresql://")
        yield starter
    finally:
        starter.kill()
        starter.wait()
        starter.stdout.close()
        starter.stderr.close()


def test_what_was_written_is_there_after_a_restart(directory):
    with EmbeddedPostgres(directory) as url:
        ask(url, "CREATE TABLE kept (what text)", "INSERT INTO kept VALUES ('ü')")

    with EmbeddedPostgres(directory) as url:
        assert ask(url, "SELECT what FROM kept") == "ü"
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SHOW listen_addresses") == ""


def test_a_stop_leaves_nothing_running_and_no_sockets(directory):
    server = EmbeddedPostgres(directory)
    url = server.start()
    pid = running(directory)
    sockets = Path(ask(url, "SHOW unix_socket_directories").strip('"'))

    assert sockets.is_dir()
    server.stop()
    server.stop()

    assert not exists(pid)
    assert not sockets.exists()


def test_nobody_is_root_when_the_server_runs(directory):
    with EmbeddedPostgres(directory):
        owner = directory.stat().st_uid
        status = Path(f"/proc/{running(directory)}").stat()

    assert owner != 0
    assert status.st_uid == owner
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_second_server_on_the_directory_is_refused_in_one_line(directory):
    with EmbeddedPostgres(directory), pytest.raises(DirectoryInUse) as refusal:
        EmbeddedPostgres(directory).start()

    assert str(refusal.value) == f"the database in {directory} is run by another process"


def test_a_server_ends_when_its_starter_is_killed(directory):
    with abandoned(directory) as starter:
        pid = running(directory)
        starter.kill()
        until = time.monotonic() + 10
        while exists(pid) and time.monotonic() < until:
            time.sleep(0.01)

        assert not exists(pid)


def test_a_start_right_after_a_kill_finds_what_was_committed(directory):
    with abandoned(directory) as starter:
        pid = running(directory)
        ask(address(postmaster.find(directory).sockets), "CREATE TABLE IF NOT EXISTS committed ()")
        starter.kill()
        starter.wait()

        with EmbeddedPostgres(directory) as url:
            assert ask(url, "SELECT to_regclass('committed') IS NOT NULL")
            assert running(directory) != pid


def test_a_start_after_all_was_killed_repairs_and_goes_on(directory):
    with abandoned(directory) as starter:
        pid = running(directory)
        ask(address(postmaster.find(directory).sockets), "CREATE TABLE IF NOT EXISTS repaired ()")
        starter.kill()
        os.kill(pid, signal.SIGKILL)
        starter.wait()

        with EmbeddedPostgres(directory) as url:
            assert ask(url, "SELECT to_regclass('repaired') IS NOT NULL")


def test_sockets_of_a_killed_one_are_removed_by_the_next_start(directory):
    with abandoned(directory) as starter:
        left = postmaster.find(directory).sockets
        starter.kill()
        starter.wait()
        assert left.is_dir()

        with EmbeddedPostgres(directory):
            assert not left.exists()


def test_an_orphan_that_still_runs_is_ended_by_the_next_start(directory, tmp_path):
    with EmbeddedPostgres(directory):
        pass
    with (tmp_path / "log").open("w+b") as output, (tmp_path / "claim").open("w+") as claim:
        account = account_for(directory)
        with socket_directory(claim, account) as sockets:
            options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={sockets}"]
            orphan = launch(account, "postgres", ["-D", str(directory), *options], output)
            while (found := postmaster.find(directory)) is None or not found.is_ready:
                time.sleep(0.01)

            with EmbeddedPostgres(directory):
                assert orphan.wait(5) == 0
                assert running(directory) != orphan.pid


def test_a_number_that_is_now_somebody_elses_blocks_nothing(directory):
    with EmbeddedPostgres(directory):
        lines = (directory / "postmaster.pid").read_text().splitlines()
    lines[0] = str(os.getppid())
    (directory / "postmaster.pid").write_text("\n".join(lines) + "\n")

    with EmbeddedPostgres(directory):
        assert running(directory) != os.getppid()

    assert exists(os.getppid())


def test_what_postgresql_says_is_told_when_it_does_not_start(directory):
    server = EmbeddedPostgres(directory, options={"max_connections": "many"})

    with pytest.raises(EmbeddedPostgresError, match=r'ended at its start: .*"max_connections"'):
        server.start()
    with EmbeddedPostgres(directory):
        pass


def test_a_directory_that_is_no_database_is_left_alone(tmp_path):
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "letter").write_text("dear diary")

    with pytest.raises(EmbeddedPostgresError, match="not empty"):
        EmbeddedPostgres(tmp_path / "postgres").start()

    assert (tmp_path / "postgres" / "letter").read_text() == "dear diary"


def test_addresses_survive_any_directory_name():
    url = address(Path(tempfile.gettempdir()) / "50% of a ü&b")

    assert re.fullmatch(r"[\x21-\x7e]+", url)
    assert url.count("&") == 1
