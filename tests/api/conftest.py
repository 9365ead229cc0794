"""The whole application with one more stem, `tests.api.echoes`, that has every convention."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from app.bootstrap import Adapters, Doors
from app.core.config import Settings
from app.core.database import Connection, Database
from app.core.statements import Query
from app.main import create_app
from app.models import Jobs
from tests.api import echoes
from tests.conftest import Watch
from tests.factories.accounts import sign_in
from tests.factories.realtime import Member, Place, serving

COUNT = Query(select(func.count()).select_from(Jobs), int)


def echoing(settings: Settings) -> FastAPI:
    """Return the application with the stem of the tests."""
    app = create_app(settings)
    app.router.routes.extend(echoes.router.routes)
    return app


@asynccontextmanager
async def client_of_app(
    app: Any, doors: Doors, *, watch: Watch | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        async def watched(event: dict[str, Any]) -> None:
            if watch is not None:
                await watch(event)
            await send(event)

        scope["state"] = {"doors": doors, "tokens": doors.adapters.tokens}
        await app(scope, receive, watched)

    transport = httpx.ASGITransport(with_state, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("data")
    secret = "a secret of the tests, long enough for anything"
    return echoing(
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            environment="development",
            secret_key=secret,
            data_dir=folder,
            cors_origins="https://app.example",
        )
    )


@pytest.fixture
async def http(app: FastAPI, doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application at its root, with the echoes."""
    async with client_of_app(app, doors) as client:
        yield client


class Nowhere:
    """A pool whose database does not answer."""

    async def acquire(self) -> Any:
        raise ConnectionRefusedError

    async def release(self, connection: Any) -> None:
        raise AssertionError("nothing was taken")


@pytest.fixture
async def http_nowhere(app: FastAPI, adapters: Adapters) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application while its database is gone."""
    async with client_of_app(app, Doors(Database(Nowhere()), adapters)) as client:
        yield client


@pytest.fixture
async def me(connection: Connection, adapters: Adapters) -> dict[str, str]:
    return await sign_in(connection, adapters)


@pytest.fixture
async def place(adapters: Adapters, real_database: Database) -> AsyncIterator[Place]:
    """The real server, with sockets, on a database whose commits are real."""
    async with serving(adapters, real_database) as place:
        yield place


@pytest.fixture
async def ada(place: Place) -> Member:
    return await place.member()


@pytest.fixture
async def bob(place: Place) -> Member:
    return await place.member()
