"""What follows when an event is cancelled or takes place at another time."""

from app.bootstrap import Services
from app.domain.events import EventCancelled, EventMoved
from app.tasks.registry import handles


@handles(EventCancelled)
async def cancel_bookings(message: EventCancelled, services: Services) -> None:
    await services.event_changes.cancel_some(message.event_id)


@handles(EventMoved)
async def tell_moved(message: EventMoved, services: Services) -> None:
    await services.event_changes.tell_some(message.event_id, after_id=message.after_id)
