"""Counting the platform."""

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.stats import Stats, figures
from app.policies import stats as policy
from app.repositories.stats import StatsRepository


class StatsService:
    def __init__(self, tallies: StatsRepository, clock: Clock) -> None:
        self.tallies = tallies
        self.clock = clock

    async def get(self, actor: Actor) -> Stats:
        """Return the figures of this moment; each costs reading a table."""
        policy.ensure_can_read(actor)
        now = self.clock()
        return figures(
            await self.tallies.users(now=now),
            await self.tallies.bookings(now=now),
            await self.tallies.states(now=now),
            now=now,
        )
