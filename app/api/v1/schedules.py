"""The weekly hours of providers."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import IfMatch, IfNoneMatch, Looker, ScheduleWriter
from app.api.errors import problems
from app.api.routing import API, stem
from app.core.errors import Forbidden, PreconditionFailed
from app.domain.providers import ProviderNotFound
from app.domain.schedules import EmptyWindow, OverlappingWindows
from app.schemas.base import Day
from app.schemas.schedules import SchedulePut, ScheduleRead, schedule_read

router = stem("schedules", prefix=f"{API}/providers/{{provider_id}}/schedule")
SCHEDULE = Answers(schedule_read)
OnDay = Annotated[
    Day | None, Query(description="The day on which they are to hold; today by default.")
]


@router.get(
    "",
    response_model=ScheduleRead,
    responses=problems(ProviderNotFound),
)
async def get_schedule(
    looker: Looker, provider_id: UUID, on: OnDay = None, if_none_match: IfNoneMatch = None
) -> Response:
    """Return a provider's weekly hours; without any, an empty week."""
    async with looker.reading() as (actor, services):
        week = await services.schedules.get(actor, provider_id, on=on)
    return SCHEDULE.ok_or_unchanged(week, if_none_match)


@router.put(
    "",
    response_model=ScheduleRead,
    responses=problems(
        Forbidden,
        ProviderNotFound,
        PreconditionFailed,
        EmptyWindow,
        OverlappingWindows,
    ),
)
async def put_schedule(
    visitor: ScheduleWriter, provider_id: UUID, body: SchedulePut, if_match: IfMatch = None
) -> Response:
    """Set a provider's weekly hours from a day on; what is booked stays booked."""
    async with visitor.writing() as caller:
        current = await caller.services.schedules.lock(caller.actor, provider_id)
        ensure_match(if_match, SCHEDULE.body(current))
        week = await caller.services.schedules.set(
            caller.actor,
            provider_id,
            body.windows(),
            timezone=body.timezone,
            effective_from=body.effective_from,
        )
    return SCHEDULE.tagged(week)
