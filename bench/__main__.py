"""Fill a database, start the application and the references, and measure them in turns.

python -m bench [--rounds 3] [--seconds 2] [--only "slots|list"]
"""

import argparse
import asyncio
import os
import platform
import re
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.cli.migrations import migrate
from app.cli.postgres import EmbeddedPostgres
from bench import load, report
from bench.contest import Contest
from bench.fanout import fanned_out, lost
from bench.filling import fill
from bench.operations import CONTENDED, FANOUT, Operation, differences, operations
from bench.processes import ROOT, PostgresProcesses, Server, api, bare
from bench.report import Measured
from bench.selling import miscounted
from bench.storm import STORM, Storm

WARM_UP: Final = 1.0
DEADLOCKS: Final = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def main() -> None:
    asked = _arguments()
    with ExitStack() as undo:
        folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="banister-bench-")))
        url = undo.enter_context(_database(folder))
        text = _run(url, folder, asked, undo)
    print(text)
    kept = ROOT / "build" / "bench.md"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(f"{text}\n", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="per operation and round")
    parser.add_argument("--only", default="", help="operations whose name matches this")
    return parser.parse_args()


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """Yield an empty database: on BENCH_DATABASE_URL's server, or on an embedded one."""
    with ExitStack() as undo:
        given = os.environ.get("BENCH_DATABASE_URL")
        server = given or undo.enter_context(EmbeddedPostgres(folder / "postgres"))
        name = f"banister_bench_{os.getpid()}"
        asyncio.run(_execute(server, f"CREATE DATABASE {name}"))
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            asyncio.run(_execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


def _run(url: str, folder: Path, asked: argparse.Namespace, undo: ExitStack) -> str:
    _tell("filling the database")
    secret = secrets.token_urlsafe(32)
    migrate(url)
    filled = asyncio.run(fill(url, secret))
    deadlocks = asyncio.run(_value(url, DEADLOCKS))
    # As in production, which would refuse to do without the limits, and our clients with them.
    settings = {
        "ENVIRONMENT": "test",
        "LOG_FORMAT": "json",
        "RATE_LIMITS": "off",
        "SECRET_KEY": secret,
        "DATABASE_URL": url,
    }
    servers = {
        "api": undo.enter_context(api(settings, folder)),
        "asking": undo.enter_context(api(settings, folder, "import bench.asking")),
        "raw": undo.enter_context(bare("bench.raw:app", {"DATABASE_URL": url}, folder)),
        "bare": undo.enter_context(bare("bench.bare:app", {}, folder)),
    }
    faults = [*differences(operations(filled, Contest(filled), folder), servers)]
    database = asyncio.run(PostgresProcesses.behind(url))
    contest = Contest(filled)
    wanted = [one for one in operations(filled, contest, folder) if re.search(asked.only, one.name)]
    rounds, storm = [], Storm()
    for number in range(asked.rounds + 1):
        _tell(f"round {number} of {asked.rounds}" if number else "warming up")
        first = contest.begin()
        found = _round(wanted, servers, database, asked.seconds if number else WARM_UP)
        if CONTENDED in found:
            faults += asyncio.run(contest.faults(url, first, found[CONTENDED].heard))
        if number:
            if re.search(asked.only, FANOUT):
                fanned = fanned_out(asked.seconds)
                faults += lost(fanned)
                found |= fanned
            rounds.append(found)
            if re.search(asked.only, STORM):
                storm.round(servers["api"].port, asked.seconds)
    faults += asyncio.run(miscounted(url))
    new = asyncio.run(_value(url, DEADLOCKS)) - deadlocks
    return report.written(
        rounds, [*_notes(url, asked), *storm.told(), *_findings(faults, new, servers["api"])]
    )


def _round(
    wanted: Sequence[Operation],
    servers: dict[str, Server],
    database: PostgresProcesses,
    seconds: float,
) -> dict[str, Measured]:
    found = {}
    for operation in wanted:
        server = servers[operation.server]
        before = server.cpu(), database.cpu()
        heard = operation.ask.drive(server.port, seconds)
        used = server.cpu() - before[0], database.cpu() - before[1]
        found[operation.name] = Measured(
            heard, used[0] / heard.requests * 1e6, used[1] / heard.requests * 1e6
        )
    return found


def _findings(faults: Sequence[str], deadlocks: int, server: Server) -> Iterator[str]:
    yield from (f"**fault**: {fault}" for fault in faults)
    if not faults:
        yield "the references answer the same; each contested time was booked exactly once"
    yield f"deadlocks: {deadlocks}"
    yield f"answers 5xx of the application: {server.broken()}"


def _notes(url: str, asked: argparse.Namespace) -> Iterator[str]:
    version = asyncio.run(_value(url, "SHOW server_version"))
    yield (
        f"{asked.rounds} rounds of {asked.seconds:g} s, {load.CONNECTIONS} connections,"
        f" {'wrk' if load.WRK else 'our own client'}; {os.cpu_count()} cores,"
        f" Python {platform.python_version()}, PostgreSQL {version}"
    )


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


async def _value(url: str, statement: str) -> int:
    connection = await asyncpg.connect(url)
    value: int = await connection.fetchval(statement)
    await connection.close()
    return value


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


main()
