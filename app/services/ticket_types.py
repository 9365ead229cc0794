"""What the seats of an event are sold as."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.bookings import HasBookings
from app.domain.events import EventItem, TicketType, TicketTypeNotFound
from app.domain.ticket_types import TicketTypeFilter, TicketTypeSort, drafted, revised
from app.repositories.ticket_types import TicketTypeRepository
from app.services.events import EventService


class TicketTypeService:
    def __init__(
        self, ticket_types: TicketTypeRepository, events: EventService, clock: Clock
    ) -> None:
        self.ticket_types = ticket_types
        self.events = events
        self.clock = clock

    async def list(
        self, actor: Actor | None, event_id: UUID, request: PageRequest[TicketTypeSort]
    ) -> Page[TicketType]:
        event, now = await self.events.get(actor, event_id), self.clock()
        wanted = TicketTypeFilter(event_id)
        page = await self.ticket_types.matching(wanted, request, now=now)
        items = [shown(one, event) for one in page.items]
        return Page(items, page.next_cursor, page.total)

    async def add(self, actor: Actor, event_id: UUID, given: Mapping[str, Any]) -> TicketType:
        current = await self.events.lock(actor, event_id)
        new = drafted(given, event_id=event_id, now=self.clock())
        return await self._put(actor, current, new, [*current.ticket_types, new])

    async def change(
        self, actor: Actor, event_id: UUID, ticket_type_id: UUID, given: Mapping[str, Any]
    ) -> TicketType:
        """Change a type; what was booked before keeps its price."""
        current = await self.events.lock(actor, event_id)
        old = _found(current, ticket_type_id)
        new = revised(old, given, now=self.clock())
        if new is old:
            return shown(old, current)
        types = [new if one is old else one for one in current.ticket_types]
        return await self._put(actor, current, new, types)

    async def remove(self, actor: Actor, event_id: UUID, ticket_type_id: UUID) -> None:
        """Delete a type that was never sold, and that is not the last one."""
        current = await self.events.lock(actor, event_id)
        old = _found(current, ticket_type_id)
        types = [one for one in current.ticket_types if one is not old]
        try:
            await self.events.put(actor, current, current, types)
        except HasBookings as refusal:
            raise HasBookings("It was sold before; end its sales instead.") from refusal

    async def _put(
        self, actor: Actor, current: EventItem, new: TicketType, types: Sequence[TicketType]
    ) -> TicketType:
        after = await self.events.put(actor, current, current, types)
        return shown(_found(after, new.id), after)


def shown(one: TicketType, event: EventItem) -> TicketType:
    """Return it with as many seats as there are of it: the event's, if it has none of its own."""
    return replace(one, capacity=one.capacity or event.max_participants)


def _found(event: EventItem, ticket_type_id: UUID) -> TicketType:
    for one in event.ticket_types:
        if one.id == ticket_type_id:
            return one
    raise TicketTypeNotFound
