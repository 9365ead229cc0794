"""Is it alive, is it ready."""

from fastapi import Response

from app.api.answers import Answers
from app.api.deps import Anybody
from app.api.routing import stem
from app.core.errors import AppError
from app.schemas.health import HealthRead, health_read

router = stem("health", prefix="/health")
HEALTH = Answers(health_read)


@router.get("/live", response_model=HealthRead)
async def get_liveness() -> Response:
    """Tell whether the process answers."""
    return HEALTH.ok(True)


@router.get("/ready", response_model=HealthRead, responses={503: {"model": HealthRead}})
async def get_readiness(guest: Anybody) -> Response:
    """Tell whether requests can be served: the database answers and is migrated."""
    try:
        async with guest.reading() as services:
            ready = await services.health.ready()
    except AppError:
        ready = False
    answer = HEALTH.ok(ready)
    answer.status_code = 200 if ready else 503
    return answer
