"""What the seats of an event are sold as."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import EventWriter, IdempotencyKey, Looker
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import HasBookings
from app.domain.deposits import DepositInOtherCurrency
from app.domain.events import CapacityTaken, EventNotFound, EventOver, TicketTypeNotFound
from app.domain.fees import NoShowFeeInOtherCurrency
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.ticket_types import (
    BeyondCapacity,
    CurrenciesDiffer,
    LastTicketType,
    SalesEndTooSoon,
    TooManyTicketTypes,
)
from app.schemas.base import Listing, listing
from app.schemas.ticket_types import (
    TicketTypeCreate,
    TicketTypeQuery,
    TicketTypeRead,
    TicketTypeUpdate,
    ticket_type_read,
)

router = stem("ticket_types", prefix=f"{API}/events/{{event_id}}/ticket-types")
TICKET_TYPE = Answers(ticket_type_read)
TICKET_TYPES = Answers(listing(ticket_type_read))


@router.get(
    "",
    response_model=Listing[TicketTypeRead],
    responses=problems(EventNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(TicketTypeQuery),
)
async def list_ticket_types(looker: Looker, event_id: UUID, request: Request) -> Response:
    """Return what the seats of an event are sold as."""
    query = queries.read(request, TicketTypeQuery)
    async with looker.reading() as (actor, services):
        page = await services.ticket_types.list(actor, event_id, query.page())
    return TICKET_TYPES.ok(page)


@router.post(
    "",
    response_model=TicketTypeRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Forbidden,
        EventNotFound,
        EventOver,
        CapacityTaken,
        TooManyTicketTypes,
        BeyondCapacity,
        CurrenciesDiffer,
        DepositInOtherCurrency,
        NoShowFeeInOtherCurrency,
        SalesEndTooSoon,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_ticket_type(
    visitor: EventWriter, event_id: UUID, body: TicketTypeCreate, key: IdempotencyKey = None
) -> Response:
    """Sell seats of an event as something else, too."""
    async with visitor.writing(key) as caller:
        one = await caller.services.ticket_types.add(caller.actor, event_id, body.fields())
        return await caller.answer(TICKET_TYPE.created(one))


@router.patch(
    "/{ticket_type_id}",
    response_model=TicketTypeRead,
    responses=problems(
        Forbidden,
        EventNotFound,
        TicketTypeNotFound,
        EventOver,
        CapacityTaken,
        BeyondCapacity,
        CurrenciesDiffer,
        DepositInOtherCurrency,
        NoShowFeeInOtherCurrency,
        SalesEndTooSoon,
    ),
)
async def update_ticket_type(
    visitor: EventWriter, event_id: UUID, ticket_type_id: UUID, body: TicketTypeUpdate
) -> Response:
    """Change a ticket type; what was booked before keeps its price."""
    async with visitor.writing() as caller:
        ticket_types = caller.services.ticket_types
        one = await ticket_types.change(caller.actor, event_id, ticket_type_id, body.fields())
    return TICKET_TYPE.ok(one)


@router.delete(
    "/{ticket_type_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(
        Forbidden,
        EventNotFound,
        TicketTypeNotFound,
        EventOver,
        CapacityTaken,
        HasBookings,
        LastTicketType,
    ),
)
async def delete_ticket_type(
    visitor: EventWriter, event_id: UUID, ticket_type_id: UUID
) -> Response:
    """Delete a ticket type that was never sold, and is not the last one."""
    async with visitor.writing() as caller:
        await caller.services.ticket_types.remove(caller.actor, event_id, ticket_type_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
