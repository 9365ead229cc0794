"""What payment gateways told, for those who look after the money."""

from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import IfNoneMatch, RefundManager
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.gateway_events import GatewayEventNotFound
from app.domain.gateways import GatewayUnavailable
from app.schemas.base import Listing, listing
from app.schemas.gateway_events import (
    GatewayEventQuery,
    GatewayEventRead,
    GatewayEventWithBody,
    gateway_event_read,
    gateway_event_with_body,
)

router = stem("gateway-events", prefix=f"{API}/admin/gateway-events")
EVENT = Answers(gateway_event_with_body)
EVENTS = Answers(listing(gateway_event_read))


@router.get(
    "",
    response_model=Listing[GatewayEventRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(GatewayEventQuery),
)
async def list_gateway_events(visitor: RefundManager, request: Request) -> Response:
    """List what gateways told, the newest first."""
    query = queries.read(request, GatewayEventQuery)
    async with visitor.reading() as caller:
        page = await caller.services.gateway_events.list(caller.actor, query.wanted(), query.page())
    return EVENTS.ok(page)


@router.get(
    "/{delivery_id}",
    response_model=GatewayEventWithBody,
    responses=problems(Forbidden, GatewayEventNotFound),
)
async def get_gateway_event(
    visitor: RefundManager, delivery_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one delivery as it came, without its secrets."""
    async with visitor.reading() as caller:
        event = await caller.services.gateway_events.get(caller.actor, delivery_id)
    return EVENT.ok_or_unchanged(event, if_none_match)


@router.post(
    "/{delivery_id}/replay",
    response_model=GatewayEventWithBody,
    responses=problems(Forbidden, GatewayEventNotFound, GatewayUnavailable),
)
async def replay_gateway_event(visitor: RefundManager, delivery_id: UUID) -> Response:
    """Ask the gateway how the payment of a delivery stands now, and take that in."""
    async with visitor.writing() as caller:
        event = await caller.services.gateway_events.replay(caller.actor, delivery_id)
    return EVENT.ok(event)
