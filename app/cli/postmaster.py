"""The server process of a data directory, ours or one left behind, as `postmaster.pid` has it."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = "postmaster.pid"
READY: Final = "ready"
PATIENCE: Final = (  # what is asked of a server that shall end, and for how many seconds
    (signal.SIGINT, 30.0),  # "fast": takes back what runs, writes all down, ends
    (signal.SIGQUIT, 10.0),  # "immediate": the next start repairs
    (signal.SIGKILL, 5.0),
)
BURIED_WITHIN: Final = 1.0
GLANCE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Postmaster:
    pid: int
    directory: Path
    sockets: Path
    status: str

    @property
    def is_ready(self) -> bool:
        return self.status == READY and self.runs()

    def runs(self) -> bool:
        """Tell whether the process is still this directory's server, not one with its number."""
        return _serves(self.pid, self.directory)

    def end(self) -> None:
        """Stop the server and return when it is gone; politely first."""
        for number, seconds in PATIENCE:
            if not self.runs():
                return
            os.kill(self.pid, number)
            until = time.monotonic() + seconds
            while self.runs() and time.monotonic() < until:
                time.sleep(GLANCE)


def find(directory: Path) -> Postmaster | None:
    """Return what the directory's pid file says, None when there is none or half of one."""
    try:
        lines = (directory / FILE).read_text().splitlines()
        return Postmaster(int(lines[0]), directory, Path(lines[4]), lines[7].strip())
    except (FileNotFoundError, IndexError, ValueError):
        return None


def end_orphan(directory: Path) -> None:
    """End a server that outlived its starter, so that its pid file is in nobody's way.

    A file whose process is gone may stay: with it PostgreSQL finds out by itself whether parts
    of the old server still hold its memory.
    """
    found = find(directory)
    if found is None:
        return
    if found.runs():
        found.end()
    until = time.monotonic() + BURIED_WITHIN
    while _exists(found.pid) and time.monotonic() < until:
        time.sleep(GLANCE)
    if _exists(found.pid):  # a stranger with its number, or it is dead and nobody took notice
        (directory / FILE).unlink(missing_ok=True)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _serves(pid: int, directory: Path) -> bool:
    if sys.platform == "linux":  # a server works in its directory; a zombie works nowhere
        process = Path(f"/proc/{pid}")
        try:
            name = (process / "comm").read_text().strip()
            return name == "postgres" and (process / "cwd").readlink() == directory
        except OSError:
            return False
    ps = ["/bin/ps", "-ww", "-p", str(pid), "-o", "command="]
    line = subprocess.run(ps, capture_output=True, text=True, check=False).stdout  # noqa: S603
    return "postgres" in line and f" {directory} " in line.replace("\n", " ")
