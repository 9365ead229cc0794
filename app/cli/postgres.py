"""PostgreSQL out of a wheel, run as a child that ends with us.

Beside its directory (`postgres`) stand `postgres.lock`, held by whoever runs the server, and
`postgres.log`.
"""

import fcntl
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import Popen
from types import MappingProxyType, TracebackType
from typing import IO, Final
from urllib.parse import quote

from app.cli import postmaster
from app.cli.postmaster import GLANCE
from app.cli.programs import EmbeddedPostgresError, end, launch, open_for, said
from app.cli.unprivileged import Account, account_for

STARTED_WITHIN: Final = 120.0  # seconds; after a crash it reads its journal first
FREED_WITHIN: Final = 15.0  # the sessions of a killed server end one by one
IN_USE: Final = "is still in use"  # what PostgreSQL says meanwhile
OPTIONS: Final = {
    "listen_addresses": "",
    "port": "5432",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "log_checkpoints": "off",
    "log_min_messages": "log",  # leaves out errors: they quote what customers typed
    "log_timezone": "UTC",
}
INITDB: Final = (
    *("--username=postgres", "--auth=trust", "--no-sync", "--no-instructions"),
    *("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
    # What pg_trgm asks whether a character is a letter: without it search knows Latin ones alone.
    f"--lc-ctype={'C.UTF-8' if sys.platform == 'linux' else 'en_US.UTF-8'}",
)
SOCKETS: Final = "banister-pg-"
LONGEST: Final = 60  # bytes of a directory whose sockets have an address the system accepts


class DirectoryInUse(EmbeddedPostgresError):
    """Another process runs the server of this directory."""


def address(sockets: Path) -> str:
    return f"postgresql://postgres@/postgres?host={quote(str(sockets), safe='')}&port=5432"


@contextmanager
def claimed(lock: Path) -> Iterator[IO[str]]:
    """Hold the lock, whose text says where its holder's sockets are; the file stays."""
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DirectoryInUse(
                f"the database in {lock.with_suffix('')} is run by another process"
            ) from None
        yield file


@contextmanager
def socket_directory(claim: IO[str], account: Account | None) -> Iterator[Path]:
    """Make a directory for sockets, and remove the one a killed process left."""
    claim.seek(0)
    left = Path(claim.read().strip())
    if left.name.startswith(SOCKETS):
        shutil.rmtree(left, ignore_errors=True)
    above = tempfile.gettempdir()
    made = Path(tempfile.mkdtemp(prefix=SOCKETS, dir=above if len(above) < LONGEST else "/tmp"))  # noqa: S108
    claim.truncate(0)
    print(made, file=claim, flush=True)
    try:
        if account:
            account.own(made)
            open_for(account, made)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


class EmbeddedPostgres:
    """One server on one directory, listening on a socket in a short private directory.

    Linux ends the server when the thread that started it ends: start it from the main one.
    """

    def __init__(
        self, directory: Path, *, options: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.directory = directory.resolve()
        self._options = OPTIONS | dict(options)
        self._undo = ExitStack()
        self.is_started = False

    def start(self) -> str:
        """Return the address of the running server's database `postgres`."""
        with ExitStack() as undo:
            try:
                self._start(undo)
            except OSError as error:
                raise EmbeddedPostgresError(f"PostgreSQL can't be started: {error}") from error
            self._undo = undo.pop_all()
        self.is_started = True
        return address(self._sockets)

    @property
    def has_ended(self) -> bool:
        """Whether the server is gone although nobody stopped it."""
        return self.is_started and self._child.poll() is not None

    def stop(self) -> None:
        """End the server; may be called twice."""
        self._undo.close()
        self.is_started = False

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _start(self, undo: ExitStack) -> None:
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        claim = undo.enter_context(claimed(self._beside("lock")))
        postmaster.end_orphan(self.directory)
        account = account_for(self.directory)
        if account:
            open_for(account, self.directory)
        if (self.directory / "PG_VERSION").exists():
            self._adopt(account)
        else:
            self._create(account)
        self._sockets = undo.enter_context(socket_directory(claim, account))
        self._run(account, undo)

    def _create(self, account: Account | None) -> None:
        """Make the database cluster elsewhere first, so that there is never half of one."""
        new = self.directory.with_name(f"{self.directory.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        if account:
            account.own(new)
        with self._beside("log").open("w+b") as output:
            if launch(account, "initdb", ["-D", str(new), *INITDB], output).wait():
                raise EmbeddedPostgresError(f"initdb failed: {said(output)}")
        new.rename(self.directory)

    def _adopt(self, account: Account | None) -> None:
        """Take over a directory that was copied, by root or with wide permissions."""
        self.directory.chmod(0o700)
        if account and self.directory.stat().st_uid != account.uid:
            account.own(self.directory)

    def _run(self, account: Account | None, undo: ExitStack) -> None:
        given = {"unix_socket_directories": f'"{self._sockets}"', **self._options}
        options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        output = undo.enter_context(self._beside("log").open("w+b"))
        until = time.monotonic() + FREED_WITHIN
        while True:
            child = launch(account, "postgres", ["-D", str(self.directory), *options], output)
            try:
                self._wait(child, output)
                undo.callback(end, child)
                self._child = child
                return
            except BaseException as error:
                end(child)
                if IN_USE not in str(error) or time.monotonic() > until:
                    raise
                output.truncate(0)

    def _wait(self, child: Popen[bytes], output: IO[bytes]) -> None:
        until = time.monotonic() + STARTED_WITHIN
        while not self._is_ready(child.pid):
            if child.poll() is not None:
                raise EmbeddedPostgresError(f"PostgreSQL ended at its start: {said(output)}")
            if time.monotonic() > until:
                raise EmbeddedPostgresError(f"PostgreSQL did not get ready: {said(output)}")
            time.sleep(GLANCE)

    def _is_ready(self, pid: int) -> bool:
        found = postmaster.find(self.directory)
        return found is not None and found.pid == pid and found.is_ready

    def _beside(self, suffix: str) -> Path:
        return self.directory.with_name(f"{self.directory.name}.{suffix}")
