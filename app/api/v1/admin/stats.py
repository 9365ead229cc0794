"""How the platform is doing, in numbers."""

from fastapi import Response

from app.api.answers import Answers
from app.api.deps import StatsReader
from app.api.errors import problems
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.schemas.stats import StatsRead, stats_read

router = stem("stats", prefix=f"{API}/admin/stats")
STATS = Answers(stats_read)


@router.get("", response_model=StatsRead, responses=problems(Forbidden))
async def get_stats(visitor: StatsReader) -> Response:
    """Return how many accounts, sessions, providers, services and bookings there are."""
    async with visitor.reading() as caller:
        stats = await caller.services.stats.get(caller.actor)
    return STATS.ok(stats)
