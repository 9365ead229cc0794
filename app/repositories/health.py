"""What the database says of its own state."""

from pathlib import Path
from typing import Final

from sqlalchemy import ARRAY, Integer, String, Text, column, func, select, table

from app.core.database import Connection
from app.core.statements import Query
from app.domain.health import DatabaseState

VERSIONS: Final = Path(__file__).parents[2] / "alembic" / "versions"
MIGRATION: Final = Query(
    select(column("version_num", String)).select_from(table("alembic_version")), str
)
WAS_MIGRATED: Final = Query(select(func.to_regclass("alembic_version").is_not(None)), bool)
EXTENSIONS: Final = select(func.array_agg(column("extname").cast(Text), type_=ARRAY(Text)))
SERVER: Final = Query(
    select(
        func.current_setting("server_version_num").cast(Integer),
        EXTENSIONS.select_from(table("pg_extension")).scalar_subquery(),
    ),
    lambda version, extensions: (version, frozenset(extensions)),
)


def newest_migration() -> str:
    """Return the id of the migration the tables must be at: the last file's name up to `_`."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


NEWEST: Final = newest_migration()


class HealthRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def migration(self) -> str | None:
        """Return the id of the last migration, None where none was ever applied."""
        if not await self.connection.first(WAS_MIGRATED):
            return None
        return await self.connection.first(MIGRATION)

    async def state(self) -> DatabaseState:
        version, extensions = await self.connection.first(SERVER) or (0, frozenset())
        return DatabaseState(version, extensions, await self.migration(), NEWEST)
