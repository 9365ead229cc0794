"""Runs migrations on the application's own database, one process at a time."""

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.config import load_settings
from app.models import Model

LOCK = 7_140_914_062  # any number, the same everywhere: whoever holds it migrates


def ours(name: str | None, kind: str, _: object) -> bool:
    """Leave the queue's schema to its own SQL."""
    return kind != "schema" or name != "jobs"


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        include_name=ours,
        compare_server_default=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()


async def connected() -> None:
    url = context.config.attributes.get("url") or os.environ.get("DATABASE_URL")
    url = url or load_settings().database_url.get_secret_value()
    plain = url.replace("postgres://", "postgresql://", 1)
    engine = create_async_engine(
        plain.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(connected())
