"""Offering events, and finding them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.money import Money
from app.domain.actors import Actor
from app.domain.bookings import HasBookings
from app.domain.event_changes import OVER, as_of, changed, has_moved, made, plain, priced
from app.domain.events import (
    Event,
    EventCancelled,
    EventEntry,
    EventFilter,
    EventItem,
    EventMoved,
    EventNotFound,
    EventOver,
    EventSort,
    EventStatus,
    SeatsFreed,
    TicketType,
)
from app.domain.photos import PhotoDropped
from app.domain.ticket_types import (
    aligned,
    ensure_fits,
    ensure_room,
    ensure_sellable,
    first_of,
    put,
)
from app.policies import events as policy
from app.repositories.event_changes import EventChangeRepository
from app.repositories.events import EventRepository
from app.repositories.jobs import JobRepository
from app.repositories.ticket_types import TicketTypeRepository
from app.services.audit import AuditService
from app.services.seating import SeatingService

Given = Mapping[str, Any]


class EventService:
    """Who changes an event locks everything about it first, see `lock`."""

    def __init__(
        self,
        events: EventRepository,
        ticket_types: TicketTypeRepository,
        changes: EventChangeRepository,
        seating: SeatingService,
        jobs: JobRepository,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.events = events
        self.ticket_types = ticket_types
        self.changes = changes
        self.seating = seating
        self.jobs = jobs
        self.audit = audit
        self.clock = clock

    async def get(self, actor: Actor | None, event_id: UUID) -> EventItem:
        event = await self._visible(actor, event_id)
        if policy.can_join(actor, event, is_booked=event.is_booked):
            return event
        return replace(event, online_url=None)

    async def list(
        self,
        actor: Actor | None,
        wanted: EventFilter,
        request: PageRequest[EventSort],
        *,
        mine: bool = False,
    ) -> Page[EventEntry]:
        now = self.clock()
        narrowed = policy.narrow(actor, wanted, mine=mine)
        page = await self.events.matching(narrowed, request, now=now)
        items = [
            event if policy.can_join(actor, event) else event._replace(online_url=None)
            for event in (as_of(entry, now) for entry in page.items)
        ]
        return Page(items, page.next_cursor, page.total)

    async def create(
        self,
        actor: Actor,
        given: Given,
        *,
        price: Money | None = None,
        ticket_types: Sequence[Given] = (),
    ) -> EventItem:
        """Make an event with its ticket types; without any, with one at the price, or free."""
        policy.ensure_can_organize(actor)
        event_id, now = new_id(), self.clock()
        types = aligned(first_of(price, ticket_types, event_id=event_id, now=now))
        ensure_sellable(types)
        event = made(given, types, id_=event_id, organizer_id=actor.user_id, now=now)
        _ensure_all_fit(event, types)
        await self.events.add(event, capacity=ensure_room(event.max_participants, 0, types))
        for one in types:
            await self.ticket_types.add(one)
        await self.audit.note(actor, "event.created", ("event", event.id), after=event)
        return await self.get(actor, event.id)

    async def lock(self, actor: Actor, event_id: UUID) -> EventItem:
        """Return what the actor may change, locked with all its seats until the transaction ends.

        Holds that have lapsed are expired: what is taken is really taken.
        """
        if not await self.events.lock(event_id):
            raise EventNotFound
        await self.ensure_can_change(actor, event_id)
        await self.seating.settle(event_id)
        await self.ticket_types.lock_all(event_id)
        return await self._visible(actor, event_id)

    async def ensure_can_change(self, actor: Actor, event_id: UUID) -> None:
        policy.ensure_can_change(actor, await self._visible(actor, event_id))

    async def change(
        self,
        actor: Actor,
        current: EventItem,
        given: Given,
        *,
        price: Money | None = None,
        ticket_types: Sequence[Given] | None = None,
    ) -> EventItem:
        """Change what `lock` returned; who booked follows, and is told."""
        if given.get("status") is EventStatus.CANCELLED is not current.status:
            rest = {name: value for name, value in given.items() if name != "status"}
            kept = await self.change(actor, current, rest, price=price, ticket_types=ticket_types)
            return await self.cancel(actor, kept)
        new = changed(current, given, now=self.clock())
        types = put(current, price, ticket_types, now=self.clock())
        if new is current and types == current.ticket_types:
            return current
        return await self.put(actor, current, new, types)

    async def put(
        self, actor: Actor, current: EventItem, event: Event, ticket_types: Sequence[TicketType]
    ) -> EventItem:
        """Write an event over what `lock` returned, with these ticket types and no others."""
        before, now = plain(current), self.clock()
        if event is current and event.status in OVER:  # its ticket types alone are other ones
            raise EventOver
        ensure_sellable(ticket_types)
        types = aligned(ticket_types)
        _ensure_all_fit(event, types, but=current.ticket_types)
        after = replace(plain(priced(event, types)), updated_at=now)
        if after.status is EventStatus.DRAFT is not before.status:
            await self._ensure_never_booked(current.id)
        capacity = ensure_room(after.max_participants, current.taken, types)
        await self._put_types(current.ticket_types, types)
        await self.events.change(after, capacity=capacity)
        await self._follow(actor, current, after, capacity)
        await self.audit.note(
            actor, "event.changed", ("event", current.id), before=before, after=after
        )
        return await self._visible(actor, current.id)

    async def cancel(
        self, actor: Actor, current: EventItem, *, reason: str | None = None
    ) -> EventItem:
        """Cancel what `lock` returned; its bookings follow, a batch at a time.

        Whoever books it at this moment is refused, or was first and is cancelled with the others.
        """
        now = self.clock()
        new = changed(current, {"status": EventStatus.CANCELLED}, now=now)
        if new is current:
            return current
        new = replace(new, cancelled_at=now, cancelled_by=actor.user_id, cancel_reason=reason)
        cancelled = await self.put(actor, current, new, current.ticket_types)
        await self.jobs.announce(EventCancelled(current.id))
        return cancelled

    async def show_cover(
        self, actor: Actor, current: EventItem, photo_id: UUID | None
    ) -> EventItem:
        """Show a photo with what `lock` returned, or none; the one before is thrown away."""
        shown = await self.change(actor, current, {"cover_id": photo_id})
        if current.cover_id is not None and current.cover_id != photo_id:
            await self.jobs.announce(PhotoDropped(current.cover_id))
        return shown

    async def remove(self, actor: Actor, current: EventItem) -> None:
        """Delete what `lock` returned; refuse if it was ever booked."""
        try:
            await self.events.remove(current.id)
        except HasBookings as refusal:
            raise HasBookings("It was booked before; cancel it instead.") from refusal
        if current.cover_id is not None:
            await self.jobs.announce(PhotoDropped(current.cover_id))
        await self.audit.note(actor, "event.removed", ("event", current.id), before=plain(current))

    async def _visible(self, actor: Actor | None, event_id: UUID) -> EventItem:
        now, user_id = self.clock(), actor.user_id if actor else None
        event = await self.events.item(event_id, user_id=user_id, now=now)
        if event is None or not policy.can_see(actor, event):
            raise EventNotFound
        return as_of(event, now)

    async def _ensure_never_booked(self, event_id: UUID) -> None:
        if await self.events.was_booked(event_id):
            raise HasBookings("It was booked before; cancel it instead.")

    async def _put_types(self, kept: Sequence[TicketType], wanted: Sequence[TicketType]) -> None:
        known, wanted_ids = {one.id: one for one in kept}, {one.id for one in wanted}
        if gone := sorted(known.keys() - wanted_ids):
            await self.ticket_types.remove(gone)
        for one in wanted:
            if one.id not in known:
                await self.ticket_types.add(one)
            elif one != known[one.id]:
                await self.ticket_types.change(one)

    async def _follow(self, actor: Actor, old: EventItem, new: Event, capacity: int) -> None:
        """Let bookings follow their event, and who waits know of seats."""
        now = new.updated_at
        if has_moved(old, new):
            if await self.changes.move(
                new, moved_from=old.starts_at, actor_id=actor.user_id, now=now
            ):
                await self.jobs.announce(EventMoved(new.id))
        elif old.title != new.title:
            await self.changes.rename(new, now=now)
        if capacity > old.capacity and old.waiting:
            await self.jobs.announce(SeatsFreed(new.id))


def _ensure_all_fit(
    event: Event, ticket_types: Sequence[TicketType], *, but: Sequence[TicketType] = ()
) -> None:
    """Refuse a type with more seats than the event; one that was so before may stay so."""
    known = {one.id: one.capacity for one in but}
    for one in ticket_types:
        if one.id not in known or known[one.id] != one.capacity:
            ensure_fits(event, one)
