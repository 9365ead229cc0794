"""What can be asked of the database before it is used."""

from dataclasses import dataclass
from typing import Final

from app.core.errors import Unavailable

OLDEST: Final = 150_000
EXTENSIONS: Final = frozenset({"btree_gist", "pg_trgm"})


class DatabaseTooOld(Unavailable):
    """PostgreSQL 15 or newer is needed."""


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """A server and what is in the database; `version` as PostgreSQL counts it: 150004 is 15.4."""

    version: int
    extensions: frozenset[str]
    migration: str | None
    newest_migration: str

    @property
    def major(self) -> int:
        return self.version // 10_000

    @property
    def is_migrated(self) -> bool:
        return self.migration == self.newest_migration

    @property
    def missing_extensions(self) -> list[str]:
        return sorted(EXTENSIONS - self.extensions)

    def ensure_supported(self) -> None:
        if self.version < OLDEST:
            raise DatabaseTooOld
