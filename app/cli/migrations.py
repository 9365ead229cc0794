"""Bringing a database to the newest tables."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config

ROOT: Final = Path(__file__).parents[2]


def migrate(url: str, revision: str = "head") -> None:
    """Apply what is missing; of several that start it at once, one works and the others wait."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = url
    command.upgrade(config, revision)
