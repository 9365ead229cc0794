"""The servers under measurement, and what the kernel says they used."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

ROOT: Final = Path(__file__).parents[1]
TICKS: Final = os.sysconf("SC_CLK_TCK")
READY_WITHIN: Final = 30.0
BARE: Final = (
    *("--loop", "uvloop", "--http", "httptools", "--no-access-log", "--no-server-header"),
    *("--log-level", "warning", "--host", "127.0.0.1"),
)


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    port: int
    log: Path

    def cpu(self) -> float:
        """Return the seconds of CPU it has used, all its threads together."""
        return _own(self.pid)

    def broken(self) -> int:
        """Return how many answers in its log have a status of 500 or above."""
        with self.log.open("rb") as lines:
            return sum(b'"status":5' in line for line in lines)


@contextmanager
def api(settings: Mapping[str, str], folder: Path, first: str = "") -> Iterator[Server]:
    """Run the application as `banister serve` does, one worker, its log going to a file.

    `first` is what its interpreter does before.
    """
    port = _free_port()
    command = [sys.executable, "-c", f"{first}\nfrom app.cli.main import run; run()", "serve"]
    with _running(command, port, {**settings, "PORT": str(port)}, folder) as server:
        yield server


@contextmanager
def bare(target: str, settings: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """Run an application of the references by the same server, with the same parts."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", target, "--port", str(port), *BARE]
    with _running(command, port, settings, folder) as server:
        yield server


@contextmanager
def _running(
    command: Sequence[str], port: int, settings: Mapping[str, str], folder: Path
) -> Iterator[Server]:
    """Start a server in a folder of its own, so that no `.env` of the developer's counts."""
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(folder)}
    with (folder / f"{port}.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=folder, env={**own, **settings}, stderr=log)
        try:
            _wait(child, port, Path(log.name))
            yield Server(child.pid, port, Path(log.name))
        finally:
            child.terminate()
            child.wait()


def _wait(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and child.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live").close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"a server did not start:\n{log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class PostgresProcesses:
    """All processes of the server behind an address; it must run on this machine."""

    postmaster: int

    @classmethod
    async def behind(cls, url: str) -> "PostgresProcesses":
        connection = await asyncpg.connect(url)
        try:
            return cls(_parent(await connection.fetchval("SELECT pg_backend_pid()")))
        finally:
            await connection.close()  # after that there is no such process

    def cpu(self) -> float:
        """Return the seconds of CPU used by those that run, and by those that ended."""
        children = Path(f"/proc/{self.postmaster}/task/{self.postmaster}/children").read_text()
        fields = _fields(self.postmaster)
        ended = (int(fields[13]) + int(fields[14])) / TICKS
        return ended + _own(self.postmaster) + sum(_own(int(child)) for child in children.split())


def _parent(pid: int) -> int:
    return int(_fields(pid)[1])


def _own(pid: int) -> float:
    try:
        fields = _fields(pid)
    except OSError:  # ended meanwhile: its parent counts it
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _fields(pid: int) -> list[str]:
    """Return what `proc(5)` lists for `/proc/[pid]/stat`, from the third field on."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
