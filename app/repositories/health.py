"""What the database says of its own state."""

from pathlib import Path
from typing import Final

from sqlalchemy import String, column, select, table

from app.core.database import Connection
from app.core.statements import Query

VERSIONS: Final = Path(__file__).parents[2] / "alembic" / "versions"
VERSION: Final = Query(
    select(column("version_num", String)).select_from(table("alembic_version")), str
)


def newest_migration() -> str:
    """Return the id of the migration the tables must be at: the last file's name up to `_`."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


NEWEST: Final = newest_migration()


class HealthRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def migrated(self) -> bool:
        return await self.connection.first(VERSION) == NEWEST
