"""Knowing whether the database can serve this version of the program."""

from app.domain.health import DatabaseState
from app.repositories.health import NEWEST, HealthRepository


class HealthService:
    def __init__(self, health: HealthRepository) -> None:
        self.health = health

    async def ready(self) -> bool:
        """Tell whether the database answers and every migration was applied."""
        return await self.health.migration() == NEWEST

    async def database(self) -> DatabaseState:
        """Return what there is; refuse with DatabaseTooOld."""
        state = await self.health.state()
        state.ensure_supported()
        return state
