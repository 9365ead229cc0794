"""Cancelling an event, and watching its bookings follow."""

from uuid import UUID

from fastapi import Response

from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import EventWriter, IfMatch
from app.api.errors import problems
from app.api.routing import API, stem
from app.api.v1.events import EVENT
from app.core.errors import Forbidden, PreconditionFailed
from app.domain.bookings import InvalidTransition
from app.domain.event_changes import EventStands
from app.domain.events import EventNotFound, EventOver
from app.schemas.events import (
    CancelEvent,
    EventCancellationRead,
    EventDetailRead,
    cancellation_read,
)

router = stem("event_changes", prefix=f"{API}/events/{{event_id}}")
CANCELLATION = Answers(cancellation_read)


@router.post(
    "/cancel",
    response_model=EventDetailRead,
    responses=problems(Forbidden, EventNotFound, EventOver, InvalidTransition, PreconditionFailed),
)
async def cancel_event(
    visitor: EventWriter,
    event_id: UUID,
    body: CancelEvent | None = None,
    if_match: IfMatch = None,
) -> Response:
    """Cancel an event; its bookings are cancelled after it, on full terms, and everybody told."""
    async with visitor.writing() as caller:
        events = caller.services.events
        current = await events.lock(caller.actor, event_id)
        ensure_match(if_match, EVENT.body(current))
        reason = body.reason if body else None
        event = await events.cancel(caller.actor, current, reason=reason)
    return EVENT.tagged(event)


@router.get(
    "/cancellation",
    response_model=EventCancellationRead,
    responses=problems(Forbidden, EventNotFound, EventStands),
)
async def get_event_cancellation(visitor: EventWriter, event_id: UUID) -> Response:
    """Return how many bookings of a cancelled event are cancelled by now."""
    async with visitor.reading() as caller:
        progress = await caller.services.event_changes.progress(caller.actor, event_id)
    return CANCELLATION.ok(progress)
