"""Bringing a database to the newest tables."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config

from app.bootstrap import Doors
from app.cli.surroundings import perform
from app.core.config import Settings
from app.domain.health import DatabaseState

ROOT: Final = Path(__file__).parents[2]


def migrate(url: str, revision: str = "head") -> None:
    """Apply what is missing; of several that start it at once, one works and the others wait."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    command.upgrade(config, revision)


def bring_up_to_date(settings: Settings) -> None:
    """Migrate the settings' database; refuse one that doesn't answer or is too old."""
    perform(settings, look)
    migrate(settings.database_url.get_secret_value())


async def look(doors: Doors) -> DatabaseState:
    async with doors.reading() as services:
        return await services.health.database()
