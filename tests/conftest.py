"""One server per run, one migrated database per xdist worker, one transaction per test."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import hypothesis
import pytest
import structlog

from app.bootstrap import Adapters, Doors, Services, build_adapters
from app.cli.migrations import migrate
from app.cli.postgres import EmbeddedPostgres
from app.core.config import Settings
from app.core.crypto import PasswordHasher
from app.core.database import SESSION, Connection, Database, open_pool, speak_json
from app.main import create_app
from tests.contract import ensure_documented
from tests.factories.clock import Clock
from tests.factories.oidc import OidcServer, oidc_server

SERVER = "BANISTER_TEST_SERVER"  # handed by the controller to its xdist workers
TEMPLATE = f"banister_test_{os.getpid()}"
SECRET = "a secret of the tests, long enough for anything"
# On a busy machine an example takes as long as it takes.
hypothesis.settings.register_profile(
    "house",
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("house")
# A failing test shows what was logged; structlog's own way draws a picture of every variable.
PLAIN = [structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()]
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def database_named(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


async def execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def pytest_configure(config: pytest.Config) -> None:
    """In the controller: find or start the server and make the template all tests copy."""
    structlog.configure(processors=PLAIN)
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        folder = Path(tempfile.mkdtemp(prefix="banister-tests-"))
        server = EmbeddedPostgres(folder / "postgres", options=UNSAFE | {"max_connections": "300"})
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        config.add_cleanup(server.stop)
        url = server.start()
    template = f"{TEMPLATE}_template"
    asyncio.run(execute(url, f"CREATE DATABASE {template}"))
    config.add_cleanup(lambda: asyncio.run(execute(url, f"DROP DATABASE {template}")))
    migrate(database_named(url, template))
    os.environ[SERVER] = f"{url}#{template}"


@pytest.fixture(scope="session")
def url(worker_id: str) -> Iterator[str]:
    """The address of this worker's own database."""
    server, _, template = os.environ[SERVER].partition("#")
    name = f"{template.removesuffix('_template')}_{worker_id}"
    asyncio.run(execute(server, f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield database_named(server, name)
    asyncio.run(execute(server, f"DROP DATABASE {name} WITH (FORCE)"))


class OneConnection:
    """A pool of one connection inside the test's own transaction.

    asyncpg makes every transaction inside another a savepoint, so services commit as they always
    do, and the test takes all of it back.
    """

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def acquire(self) -> Any:
        return self.connection

    async def release(self, connection: Any) -> None:
        pass


@pytest.fixture(scope="session")
def oidc() -> Iterator[OidcServer]:
    """A provider of identities, in a process of its own."""
    with oidc_server() as server:
        yield server


class Kept:
    """A worker's connection, and its statements: both are kept from test to test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.connection: Any = None

    async def fresh(self) -> Any:
        """Return it outside of any transaction; a new one where a test broke the last."""
        if self.connection is None or self.connection.is_closed():
            self.connection = await asyncpg.connect(self.url, server_settings=SESSION)
            await speak_json(self.connection)
        return self.connection

    async def close(self) -> None:
        if self.connection is not None:
            await self.connection.close()


@pytest.fixture(scope="session")
async def kept(url: str) -> AsyncIterator[Kept]:
    kept = Kept(url)
    yield kept
    await kept.close()


@pytest.fixture
async def database(kept: Kept) -> AsyncIterator[Database]:
    """The two doors, inside one transaction that is taken back."""
    connection = await kept.fresh()
    outer = connection.transaction()
    await outer.start()
    yield Database(OneConnection(connection))
    if not connection.is_closed():
        await outer.rollback()


# A tenth of the time of a TRUNCATE, which makes a new file for every table and index.
EMPTYING = """SELECT string_agg(format('DELETE FROM %I.%I', schemaname, tablename), ';')
 FROM pg_tables WHERE schemaname IN ('public', 'jobs') AND tablename <> 'alembic_version'"""


@pytest.fixture
async def real_database(url: str) -> AsyncIterator[Database]:
    """A database whose commits are real: for races, and for what others can see."""
    pool = await open_pool(url, size=24)
    yield Database(pool)
    async with pool.acquire() as raw:
        # Without its triggers: what is append-only is emptied here alone.
        await raw.execute("SET session_replication_role = replica")
        await raw.execute(await raw.fetchval(EMPTYING))
    await pool.close()


@pytest.fixture
def clock() -> Clock:
    """Stands still at NOW until it is told to go on."""
    return Clock()


def settings_in(folder: Path) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        environment="development",
        secret_key=SECRET,
        data_dir=folder,
        public_url="http://test",
    )


def cheap(adapters: Adapters) -> Adapters:
    """Return them with a hasher that hashes as safely as a test needs."""
    return replace(adapters, passwords=PasswordHasher(memory=8, passes=1))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def adapters(settings: Settings, clock: Clock) -> Iterator[Adapters]:
    adapters = cheap(build_adapters(settings, clock))
    yield adapters
    adapters.passwords.close()


@pytest.fixture
def doors(database: Database, adapters: Adapters) -> Doors:
    return Doors(database, adapters)


@pytest.fixture
def real_doors(real_database: Database, adapters: Adapters) -> Doors:
    return Doors(real_database, adapters)


@pytest.fixture
async def services(doors: Doors) -> AsyncIterator[Services]:
    async with doors.writing() as services:
        yield services


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[Connection]:
    """A connection to arrange and look with; what it writes, the application sees."""
    async with database.read() as connection:
        yield connection


Watch = Callable[[dict[str, Any]], Awaitable[None]]


@asynccontextmanager
async def client_of(
    doors: Doors, *, watch: Watch | None = None, base: str = "/api/v1"
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole application; `watch` sees each event before it is sent.

    Every answer it gets is held against the OpenAPI document.
    """
    app = create_app(doors.adapters.settings)

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        async def watched(event: dict[str, Any]) -> None:
            if watch is not None:
                await watch(event)
            await send(event)

        scope["state"] = {"doors": doors, "tokens": doors.adapters.tokens}
        await app(scope, receive, watched)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(with_state),
        base_url=f"http://test{base}",
        event_hooks={"response": [ensure_documented]},
    ) as client:
        yield client


@pytest.fixture
async def client(doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(doors) as client:
        yield client


@pytest.fixture
async def real_client(real_doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose requests really commit, each on a connection of its own."""
    async with client_of(real_doors) as client:
        yield client
