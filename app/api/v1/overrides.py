"""Dates on which a provider has other hours, or none."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Looker, ScheduleWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import HasBookings
from app.domain.overrides import OverrideNotFound
from app.domain.providers import ProviderNotFound
from app.domain.schedules import EmptyWindow, OverlappingWindows
from app.schemas.base import Listing, listing
from app.schemas.overrides import OverrideCreate, OverrideQuery, OverrideRead, override_read

router = stem("overrides", prefix=f"{API}/providers/{{provider_id}}/overrides")
OVERRIDE = Answers(override_read)
OVERRIDES = Answers(listing(override_read))


@router.get(
    "",
    response_model=Listing[OverrideRead],
    responses=problems(ProviderNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(OverrideQuery),
)
async def list_overrides(looker: Looker, provider_id: UUID, request: Request) -> Response:
    """List the dates on which a provider has hours of their own."""
    query = queries.read(request, OverrideQuery)
    async with looker.reading() as (actor, services):
        page = await services.overrides.list(actor, query.wanted(provider_id), query.page())
    return OVERRIDES.ok(page)


@router.post(
    "",
    response_model=OverrideRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(Forbidden, ProviderNotFound, HasBookings, EmptyWindow, OverlappingWindows),
)
async def create_override(
    visitor: ScheduleWriter, provider_id: UUID, body: OverrideCreate
) -> Response:
    """Give a date hours of its own, or none, in place of those it may have had.

    Bookings that would lie outside of them are a 409, unless `force` lets them.
    """
    async with visitor.writing() as caller:
        override = await caller.services.overrides.put(
            caller.actor, provider_id, body.date, body.given(), force=body.force
        )
    return OVERRIDE.created(override)


@router.delete(
    "/{override_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ProviderNotFound, OverrideNotFound),
)
async def delete_override(
    visitor: ScheduleWriter, provider_id: UUID, override_id: UUID
) -> Response:
    """Let the weekly hours hold on that date again; what is booked stays booked."""
    async with visitor.writing() as caller:
        await caller.services.overrides.remove(caller.actor, provider_id, override_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
