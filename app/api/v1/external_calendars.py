"""Calendars elsewhere that keep a provider busy."""

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
from app.domain.callouts import AddressRefused
from app.domain.external_calendars import ExternalCalendarNotFound, TooManyCalendars
from app.domain.providers import ProviderNotFound
from app.schemas.base import Listing, listing
from app.schemas.external_calendars import (
    ExternalCalendarCreate,
    ExternalCalendarQuery,
    ExternalCalendarRead,
    external_calendar_read,
)

router = stem("external-calendars", prefix=f"{API}/providers/{{provider_id}}/calendars")
CALENDAR = Answers(external_calendar_read)
CALENDARS = Answers(listing(external_calendar_read))


@router.get(
    "",
    response_model=Listing[ExternalCalendarRead],
    responses=problems(Forbidden, ProviderNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ExternalCalendarQuery),
)
async def list_external_calendars(
    visitor: ScheduleWriter, provider_id: UUID, request: Request
) -> Response:
    """List the calendars elsewhere that keep a provider busy."""
    query = queries.read(request, ExternalCalendarQuery)
    async with visitor.reading() as caller:
        page = await caller.services.external_calendars.list(
            caller.actor, provider_id, query.page()
        )
    return CALENDARS.ok(page)


# No Idempotency-Key: the answer that would be kept holds the address, which may be a secret.
@router.post(
    "",
    response_model=ExternalCalendarRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(Forbidden, ProviderNotFound, TooManyCalendars, AddressRefused),
)
async def create_external_calendar(
    visitor: ScheduleWriter, provider_id: UUID, body: ExternalCalendarCreate
) -> Response:
    """Let the events of a calendar elsewhere keep a provider busy.

    It is read at once, and asked every quarter of an hour whether it has changed.
    """
    async with visitor.writing() as caller:
        calendar = await caller.services.external_calendars.add(
            caller.actor, provider_id, name=body.name, url=body.url
        )
        return CALENDAR.created(calendar)


@router.delete(
    "/{calendar_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ProviderNotFound, ExternalCalendarNotFound),
)
async def delete_external_calendar(
    visitor: ScheduleWriter, provider_id: UUID, calendar_id: UUID
) -> Response:
    """Delete a calendar; what it kept busy can be booked again."""
    async with visitor.writing() as caller:
        await caller.services.external_calendars.remove(caller.actor, provider_id, calendar_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post(
    "/{calendar_id}/refresh",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ProviderNotFound, ExternalCalendarNotFound),
)
async def refresh_external_calendar(
    visitor: ScheduleWriter, provider_id: UUID, calendar_id: UUID
) -> Response:
    """Have a calendar read anew, within moments."""
    async with visitor.writing() as caller:
        await caller.services.external_calendars.refresh(caller.actor, provider_id, calendar_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)
