"""Booking seats of an event, and giving single ones back."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Contention
from app.domain.actors import Actor
from app.domain.bookings import ACTIVE, Booking, InvalidTransition, Settlement
from app.domain.event_bookings import Line, Sale, Wanted, ordered, reduced, seats_booking
from app.domain.events import EventNotFound, SoldOut
from app.domain.idempotency import Kept
from app.domain.tickets import TicketNotFound, TicketStatus
from app.policies import bookings as policy
from app.repositories.event_bookings import EventBookingRepository
from app.services.booking_changes import BookingChangeService
from app.services.bookings import BookingService
from app.services.seating import SeatingService

RETURNABLE: Final = (TicketStatus.HELD, TicketStatus.VALID)


class EventBookingService:
    def __init__(
        self,
        event_bookings: EventBookingRepository,
        bookings: BookingService,
        changes: BookingChangeService,
        seating: SeatingService,
        clock: Clock,
        hold: timedelta,
    ) -> None:
        self.event_bookings = event_bookings
        self.bookings = bookings
        self.changes = changes
        self.seating = seating
        self.clock = clock
        self.hold = hold

    async def book(
        self,
        actor: Actor,
        event_id: UUID,
        wanted: Sequence[Wanted],
        *,
        notes: str | None = None,
        kept: Callable[[Booking], Kept | None] = lambda _: None,
    ) -> Booking:
        """Take seats of an event for the actor: those that were offered to them, if any were.

        Refused with SoldOut, which tells how many there are, and with what `ordered` refuses.
        What is to be `kept` of the request is, by the statement that takes the seats.
        """
        sale, lines = await self._order(actor, event_id, wanted)
        if sale.offer or not sale.has(lines):
            sale, lines = await self._settled(actor, sale, wanted)
        booking = self._booking(actor, sale, lines, notes)
        await self.bookings.ensure_may_hold(booking)
        if not await self.event_bookings.add(booking, sale, lines, kept(booking)):
            await self._add_again(actor, booking, sale, wanted)
        if sale.offer and booking.seats < sale.offer.seats:
            await self.seating.settle(event_id)
        return booking

    async def give_back(
        self, actor: Actor, booking_id: UUID, ticket_id: UUID, *, reason: str | None = None
    ) -> tuple[Booking, Settlement]:
        """Cancel one ticket on the terms of its booking; with the last one, the booking."""
        booking = await self.bookings.lock(actor, booking_id)
        policy.ensure_can_cancel(actor, booking)
        ticket = await self.event_bookings.lock_ticket(booking_id, ticket_id)
        if ticket is None or booking.event_id is None:
            raise TicketNotFound
        if booking.seats == 1:
            return await self.changes.cancel(actor, booking_id, reason=reason)
        by_customer = policy.is_customer(actor, booking)
        now = self.clock()
        over = booking.starts_at if by_customer else booking.ends_at
        if booking.status not in ACTIVE or now >= over or ticket.status not in RETURNABLE:
            raise InvalidTransition
        left, terms = reduced(booking, ticket.ticket_type_id, by_customer=by_customer, now=now)
        kept = await self.changes.reduce(actor, booking, left, reason=reason)
        await self.seating.release_one(booking.event_id, ticket_id)
        return kept, terms

    async def _order(
        self, actor: Actor, event_id: UUID, wanted: Sequence[Wanted]
    ) -> tuple[Sale, list[Line]]:
        now = self.clock()
        sale = await self.event_bookings.on_sale(event_id, actor.user_id, now=now)
        if sale is None or not policy.can_see_on_sale(actor, sale.event):
            raise EventNotFound
        return sale, ordered(sale, wanted, now=now)

    async def _settled(
        self, actor: Actor, sale: Sale, wanted: Sequence[Wanted]
    ) -> tuple[Sale, list[Line]]:
        """Lock the event's seats, take back what lapsed, and look again; refuse with SoldOut.

        Where nothing has lapsed, nothing is locked: refusing must stay cheap.
        """
        event_id = sale.event.id
        if sale.offer is None and not await self.seating.has_past(event_id):
            raise SoldOut(available=sale.left(ordered(sale, wanted, now=self.clock())))
        await self.seating.settle(event_id)
        sale, lines = await self._order(actor, event_id, wanted)
        sale.ensure_has(lines)
        return sale, lines

    async def _add_again(
        self, actor: Actor, booking: Booking, seen: Sale, wanted: Sequence[Wanted]
    ) -> None:
        """Decide with the seats locked; refuse with SoldOut, or begin anew if the event changed."""
        await self.seating.settle(seen.event.id)
        sale, lines = await self._order(actor, seen.event.id, wanted)
        sale.ensure_has(lines)
        if sale.seats.version != seen.seats.version or not await self.event_bookings.add(
            booking, sale, lines
        ):
            raise Contention

    def _booking(self, actor: Actor, sale: Sale, lines: list[Line], notes: str | None) -> Booking:
        return seats_booking(
            sale.event,
            lines,
            customer_id=actor.user_id,
            notes=notes,
            now=self.clock(),
            hold=self.hold,
        )
