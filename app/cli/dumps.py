"""The database as a file, by PostgreSQL's own programs: the newest there are, which read all."""

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE
from typing import IO, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from app.cli.programs import installed

BEGIN: Final = b"""\
BEGIN;
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS jobs CASCADE;
DROP SCHEMA IF EXISTS public CASCADE;
CREATE SCHEMA public;
"""
COMMIT: Final = b"COMMIT;\nANALYZE;\n"  # without which the end of the script undoes it
UNKNOWN: Final = b"SET transaction_timeout"  # newer programs say it, servers before 17 refuse it
LAST_SETTING: Final = b"SET row_security"


class DumpError(Exception):
    """PostgreSQL's own programs refused; the message has their words."""


def make(url: str, file: Path) -> None:
    """Write the whole database into the file, in PostgreSQL's custom format."""
    address, environment = _login(url)
    command = [_newest("pg_dump"), "--format=custom", "--no-owner", "--no-privileges"]
    answer = subprocess.run(  # noqa: S603  # no shell
        [*command, f"--file={file}", f"--dbname={address}"],
        env=environment,
        stderr=PIPE,
        check=False,
    )
    if answer.returncode:
        raise DumpError(f"the dump failed: {answer.stderr.decode(errors='replace')}")


def load(url: str, file: Path) -> None:
    """Replace what is in the database by what is in the file, all of it or nothing."""
    address, environment = _login(url)
    script = [_newest("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(file)]
    run = [_newest("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    with (
        subprocess.Popen(script, stdout=PIPE, stderr=PIPE) as reader,  # noqa: S603  # no shell
        subprocess.Popen(  # noqa: S603
            [*run, f"--dbname={address}"], env=environment, stdin=PIPE, stderr=PIPE
        ) as writer,
    ):
        assert reader.stdout is not None
        assert reader.stderr is not None
        assert writer.stdin is not None
        with suppress(BrokenPipeError):  # the second gave up; it says why
            writer.stdin.write(BEGIN)
            _copy(reader.stdout, writer.stdin)
            if reader.wait() == 0:
                writer.stdin.write(COMMIT)
        said = writer.communicate()[1]
        if writer.returncode or reader.poll():
            words = (said or reader.stderr.read()).decode(errors="replace")
            raise DumpError(f"nothing was restored: {words}")


def _copy(script: IO[bytes], target: IO[bytes]) -> None:
    """Copy the script without the setting that older servers refuse; the rest is data."""
    for line in script:
        if not line.startswith(UNKNOWN):
            target.write(line)
        if line.startswith(LAST_SETTING):
            break
    shutil.copyfileobj(script, target)


def _newest(program: str) -> str:
    """Return the path of the newer one of the machine's and the wheel's own."""
    found = [shutil.which(program), str(installed() / "bin" / program)]
    return max((path for path in found if path), key=_version)


def _version(path: str) -> tuple[int, ...]:
    says = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    return tuple(map(int, re.findall(r"\d+", says)[:2]))


def _login(url: str) -> tuple[str, dict[str, str]]:
    """Return the address without its password, and an environment that has it."""
    parts = urlsplit(url)
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    host = parts.netloc.rpartition("@")[2]
    plain = urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))
    return plain, os.environ | ({"PGPASSWORD": unquote(password)} if password else {})
