"""What people come together for."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import EventWriter, IdempotencyKey, IfMatch, IfNoneMatch, Looker
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden, PreconditionFailed
from app.core.listing import InvalidCursor, Page
from app.domain.bookings import HasBookings, InvalidTransition
from app.domain.deposits import DepositInOtherCurrency
from app.domain.event_changes import EndsTooSoon, HalfAPlace, PlaceNeeded, StartsInPast, TooLong
from app.domain.events import CapacityTaken, EventEntry, EventNotFound, EventOver
from app.domain.fees import NoShowFeeInOtherCurrency
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.offerings import UnknownCategory
from app.domain.ticket_types import (
    BeyondCapacity,
    CurrenciesDiffer,
    ForeignTicketType,
    PriceAndTypes,
    SalesEndTooSoon,
)
from app.schemas.base import Listing, listing
from app.schemas.events import (
    EventCreate,
    EventDetailRead,
    EventPut,
    EventQuery,
    EventRead,
    EventUpdate,
    event_detail_read,
    event_entry_read,
)

router = stem("events")
EVENT = Answers(event_detail_read)
EVENTS: Answers[Page[EventEntry]] = Answers(listing(event_entry_read))
CONTRADICTIONS = (
    BeyondCapacity,
    CurrenciesDiffer,
    DepositInOtherCurrency,
    NoShowFeeInOtherCurrency,
    EndsTooSoon,
    ForeignTicketType,
    HalfAPlace,
    PlaceNeeded,
    PriceAndTypes,
    SalesEndTooSoon,
    StartsInPast,
    TooLong,
    UnknownCategory,
)
CHANGED = (
    Forbidden,
    EventNotFound,
    EventOver,
    HasBookings,
    CapacityTaken,
    InvalidTransition,
    PreconditionFailed,
    *CONTRADICTIONS,
)


@router.get(
    "",
    response_model=Listing[EventRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(EventQuery),
)
async def list_events(looker: Looker, request: Request) -> Response:
    """Search the events that are to come."""
    query = queries.read(request, EventQuery)
    async with looker.reading() as (actor, services):
        page = await services.events.list(actor, query.wanted(), query.page(), mine=query.mine)
    return EVENTS.ok(page)


@router.post(
    "",
    response_model=EventDetailRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Forbidden,
        InvalidTransition,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
        *CONTRADICTIONS,
    ),
)
async def create_event(
    visitor: EventWriter, body: EventCreate, key: IdempotencyKey = None
) -> Response:
    """Make an event; published at once, unless it is a draft."""
    async with visitor.writing(key) as caller:
        events = caller.services.events
        event = await events.create(caller.actor, body.fields(), **body.sold_as())
        return await caller.answer(EVENT.created(event, at=f"{API}/events/{event.id}"))


@router.get(
    "/{event_id}",
    response_model=EventDetailRead,
    responses=problems(EventNotFound),
)
async def get_event(looker: Looker, event_id: UUID, if_none_match: IfNoneMatch = None) -> Response:
    """Return one event, with what its seats are sold as; the link to who booked it."""
    async with looker.reading() as (actor, services):
        event = await services.events.get(actor, event_id)
    return EVENT.ok_or_unchanged(event, if_none_match)


@router.put("/{event_id}", response_model=EventDetailRead, responses=problems(*CHANGED))
async def put_event(
    visitor: EventWriter, event_id: UUID, body: EventPut, if_match: IfMatch = None
) -> Response:
    """Replace all of an event but what is left out of its ticket types and its status."""
    return await _changed(visitor, event_id, body, if_match)


@router.patch("/{event_id}", response_model=EventDetailRead, responses=problems(*CHANGED))
async def update_event(
    visitor: EventWriter, event_id: UUID, body: EventUpdate, if_match: IfMatch = None
) -> Response:
    """Change an event; who booked it is told of another time or place."""
    return await _changed(visitor, event_id, body, if_match)


async def _changed(
    visitor: EventWriter, event_id: UUID, body: EventUpdate, if_match: str | None
) -> Response:
    async with visitor.writing() as caller:
        events = caller.services.events
        current = await events.lock(caller.actor, event_id)
        ensure_match(if_match, EVENT.body(current))
        event = await events.change(caller.actor, current, body.fields(), **body.sold_as())
    return EVENT.tagged(event)


@router.delete(
    "/{event_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, EventNotFound, HasBookings, PreconditionFailed),
)
async def delete_event(visitor: EventWriter, event_id: UUID, if_match: IfMatch = None) -> Response:
    """Delete an event that was never booked."""
    async with visitor.writing() as caller:
        current = await caller.services.events.lock(caller.actor, event_id)
        ensure_match(if_match, EVENT.body(current))
        await caller.services.events.remove(caller.actor, current)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
