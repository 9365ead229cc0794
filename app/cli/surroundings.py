"""What a command needs before its work: settings that are complete, and a database."""

import asyncio
import fcntl
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final, TypeVar

from pydantic import SecretStr

from app.bootstrap import Doors, open_doors
from app.cli import postmaster
from app.cli.postgres import DirectoryInUse, EmbeddedPostgres, address
from app.cli.postmaster import GLANCE
from app.cli.programs import EmbeddedPostgresError
from app.core import logging
from app.core.config import SECRET_BYTES, Settings, SettingsError, load_settings
from app.core.crypto import new_secret

Result = TypeVar("Result")
READY_WITHIN: Final = 60.0
LEFT_WITHIN: Final = 60.0


def read_settings() -> Settings:
    """Return the settings of this process, and log the way they say."""
    settings = load_settings()
    logging.configure(
        level=settings.log_level,
        format_=settings.log_format or ("json" if settings.is_production else "console"),
        secrets=settings.secrets(),
    )
    return settings


@contextmanager
def at_hand(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with a database and a secret key in them, for as long as the block runs.

    The embedded server is the running one, or one that is started for the block alone.
    """
    with database_url(settings) as url:
        yield completed(settings, url)


def completed(settings: Settings, url: str) -> Settings:
    key = settings.secret_key.get_secret_value() or kept_secret(settings.data_dir)
    if len(key.encode()) < SECRET_BYTES:
        raise SettingsError(f"SECRET_KEY: must have {SECRET_BYTES} bytes or more")
    return settings.model_copy(
        update={"database_url": SecretStr(url), "secret_key": SecretStr(key)}
    )


def kept_secret(data: Path) -> str:
    """Return the secret key of a machine that was given none: made once, kept, for us alone."""
    path, new = data / "secret_key", data / f"secret_key.{os.getpid()}"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        with open(new, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(new_secret())
        with suppress(FileExistsError):  # another command was faster: its key is the key
            os.link(new, path)
        new.unlink()
    return path.read_text().strip()


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """Yield the address of the database, set or embedded."""
    if given := settings.database_url.get_secret_value():
        yield given
        return
    with embedded(settings.data_dir / "postgres") as url:
        yield url


@contextmanager
def embedded(directory: Path) -> Iterator[str]:
    """Yield the address of a directory's server: as its host, or as a guest of the running one.

    A host ends the server when its guests have left. Guests share a lock; the host takes it alone.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.guests").open("a") as guests:
        fcntl.flock(guests, fcntl.LOCK_SH)
        server = EmbeddedPostgres(directory)
        try:
            yield _find_or_start(server)
            if server.is_started:
                _see_off(guests)
        finally:
            server.stop()


def _find_or_start(server: EmbeddedPostgres) -> str:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        with suppress(DirectoryInUse):
            return server.start()
        found = postmaster.find(server.directory)
        if found is not None and found.is_ready:
            return address(found.sockets)
        time.sleep(GLANCE)
    raise EmbeddedPostgresError(f"another process holds {server.directory}, but runs no database")


def _see_off(guests: IO[str]) -> None:
    """Wait until nobody else uses the server."""
    until = time.monotonic() + LEFT_WITHIN
    while time.monotonic() < until:
        with suppress(BlockingIOError):
            return fcntl.flock(guests, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(GLANCE)


def perform(settings: Settings, work: Callable[[Doors], Awaitable[Result]]) -> Result:
    """Run the work behind open doors; needs settings that are complete."""

    async def run() -> Result:
        async with open_doors(settings) as doors:
            return await work(doors)

    return asyncio.run(run())
