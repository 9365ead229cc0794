"""Backups with a checksum: made under DATA_DIR/backups, kept for BACKUP_KEEP_DAYS."""

import hashlib
import os
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli import dumps
from app.cli.migrations import bring_up_to_date, look
from app.cli.surroundings import at_hand, perform, read_settings
from app.core.clock import system_clock
from app.core.config import Settings

SUM: Final = ".sha256"  # beside each backup, as `sha256sum --check` reads it

backup = typer.Typer(help="Back up the database or the files.", no_args_is_help=True)
restore = typer.Typer(help="Bring a backup back.", no_args_is_help=True)


class BackupError(Exception):
    """A backup can't be made or believed; the message is for the person who wants it."""


@backup.command("database")
def backup_database() -> None:
    """Dump the database."""
    with at_hand(read_settings()) as settings:
        print(dump_database(settings))


@backup.command("files")
def backup_files() -> None:
    """Pack the files that were uploaded."""
    print(pack_files(read_settings()))


@restore.command("database")
def restore_database(file: Annotated[Path, typer.Argument(help="What `backup` made.")]) -> None:
    """Make the database what it was; what is there now is dumped first."""
    ensure_unharmed(file)
    with at_hand(read_settings()) as settings:
        if perform(settings, look).migration is not None:
            print(f"what was there: {dump_database(settings)}")
        dumps.load(settings.database_url.get_secret_value(), file)
        bring_up_to_date(settings)


def dump_database(settings: Settings) -> Path:
    """Return the new dump."""
    with _new(settings, "database", ".dump") as (path, part):
        dumps.make(settings.database_url.get_secret_value(), part)
    return path


def pack_files(settings: Settings) -> Path:
    """Return the new archive; what is in a bucket is for its keeper to back up."""
    if settings.s3_endpoint_url:
        raise BackupError("the files are in S3_BUCKET: back it up there")
    files = settings.data_dir / "files"
    with _new(settings, "files", ".tar.gz") as (path, part), tarfile.open(part, "w:gz") as archive:
        if files.exists():
            archive.add(files, arcname="files")
    return path


def ensure_unharmed(file: Path) -> None:
    """Refuse a backup that is not what its checksum says, or has none."""
    try:
        expected = _beside(file).read_text().split()[0]
        actual = _sum(file)
    except (OSError, IndexError) as error:
        raise BackupError(f"can't check {file}: {error}") from error
    if actual != expected:
        raise BackupError(f"{file} is damaged: its checksum is not the one in {_beside(file)}")


@contextmanager
def _new(settings: Settings, kind: str, suffix: str) -> Iterator[tuple[Path, Path]]:
    """Yield a backup's path and where to write it; it gets its name when it is whole."""
    directory = settings.data_dir / "backups"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"{kind}-{system_clock():%Y%m%dT%H%M%S%fZ}{suffix}"
    part = path.with_name(f"{path.name}.part")
    try:
        yield path, part
        _keep(part)
        _beside(path).write_text(f"{_sum(part)}  {path.name}\n")
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    _prune(directory, f"{kind}-*{suffix}", timedelta(days=settings.backup_keep_days))


def _keep(file: Path) -> None:
    """Have the system write the file down, for the owner alone."""
    file.chmod(0o600)
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _prune(directory: Path, pattern: str, age: timedelta) -> None:
    """Delete what is older; one was made just now, so that there is always one."""
    for path in directory.glob(pattern):
        if time.time() - path.stat().st_mtime > age.total_seconds():
            path.unlink()
            _beside(path).unlink(missing_ok=True)


def _beside(file: Path) -> Path:
    return file.with_name(file.name + SUM)


def _sum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
