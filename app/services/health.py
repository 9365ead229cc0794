"""Knowing whether the database can serve this version of the program."""

from app.repositories.health import HealthRepository


class HealthService:
    def __init__(self, health: HealthRepository) -> None:
        self.health = health

    async def ready(self) -> bool:
        """Tell whether the database answers and every migration was applied."""
        return await self.health.migrated()
