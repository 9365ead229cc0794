"""By what processes tell each other that something is new, by the settings."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from app.core.config import Settings
from app.core.database import Database
from app.integrations.realtime.postgres import PostgresBus
from app.integrations.realtime.protocol import Bus
from app.integrations.realtime.redis import RedisBus
from app.repositories.realtime import RealtimeRepository


def realtime_bus(settings: Settings, database: Database | None) -> Bus:
    """Return the one of Redis where there is one, or else that of the database."""
    if url := settings.redis_url.get_secret_value():
        return RedisBus(url)

    async def notify(words: Sequence[str]) -> None:
        assert database is not None
        async with database.read() as connection:
            await RealtimeRepository(connection).notify(words)

    @asynccontextmanager
    async def lend() -> AsyncIterator[Any]:
        assert database is not None
        async with database.lend() as connection:
            yield connection

    return PostgresBus(notify, lend)
