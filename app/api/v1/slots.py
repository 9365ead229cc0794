"""The times at which a service can be booked."""

from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Anybody
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.domain.availability import RangeTooLong
from app.domain.offerings import OfferingNotFound
from app.schemas.slots import SlotQuery, SlotsRead, slots_read

router = stem("slots", prefix=f"{API}/services")
SLOTS = Answers(slots_read)


@router.get(
    "/{service_id}/slots",
    response_model=SlotsRead,
    responses=problems(OfferingNotFound, MalformedQuery, RangeTooLong),
    openapi_extra=queries.documented(SlotQuery),
)
async def list_slots(guest: Anybody, service_id: UUID, request: Request) -> Response:
    """List the times at which a service can be booked, as they are right now."""
    query = queries.read(request, SlotQuery)
    async with guest.reading() as services:
        found = await services.availability.slots(
            service_id,
            first=query.first,
            last=query.last,
            timezone=query.timezone,
            provider_id=query.provider_id,
        )
    return SLOTS.ok(found)
