"""When a provider is away; told to them and to administrators."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import ScheduleWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import HasBookings
from app.domain.providers import ProviderNotFound
from app.domain.time_off import EndsBeforeItStarts, TimeOffNotFound
from app.schemas.base import Listing, listing
from app.schemas.time_off import TimeOffCreate, TimeOffQuery, TimeOffRead, time_off_read

router = stem("time-off", prefix=f"{API}/providers/{{provider_id}}/time-off")
TIME_OFF = Answers(time_off_read)
ALL_TIME_OFF = Answers(listing(time_off_read))


@router.get(
    "",
    response_model=Listing[TimeOffRead],
    responses=problems(Forbidden, ProviderNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(TimeOffQuery),
)
async def list_time_off(visitor: ScheduleWriter, provider_id: UUID, request: Request) -> Response:
    """List when a provider is away, and why; for them and for administrators."""
    query = queries.read(request, TimeOffQuery)
    async with visitor.reading() as caller:
        page = await caller.services.time_off.list(
            caller.actor, query.wanted(provider_id), query.page()
        )
    return ALL_TIME_OFF.ok(page)


@router.post(
    "",
    response_model=TimeOffRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(Forbidden, ProviderNotFound, HasBookings, EndsBeforeItStarts),
)
async def create_time_off(
    visitor: ScheduleWriter, provider_id: UUID, body: TimeOffCreate
) -> Response:
    """Take a provider's time out of what can be booked; the very same time is taken once.

    Bookings that stand in it are a 409, unless `force` lets them.
    """
    async with visitor.writing() as caller:
        taken = await caller.services.time_off.take(
            caller.actor,
            provider_id,
            starts_at=body.starts_at,
            ends_at=body.ends_at,
            reason=body.reason or None,
            force=body.force,
        )
    return TIME_OFF.created(taken)


@router.delete(
    "/{time_off_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ProviderNotFound, TimeOffNotFound),
)
async def delete_time_off(
    visitor: ScheduleWriter, provider_id: UUID, time_off_id: UUID
) -> Response:
    """Let the provider be booked in that time again."""
    async with visitor.writing() as caller:
        await caller.services.time_off.remove(caller.actor, provider_id, time_off_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
