"""Booking seats of an event, and giving single ones back."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Contention
from app.domain.actors import Actor
from app.domain.bookings import ACTIVE, Booking, InvalidTransition, Settlement
from app.domain.event_bookings import (
    Line,
    Sale,
    Wanted,
    discounted,
    ordered,
    reduced,
    seats_booking,
)
from app.domain.events import EventNotFound, SoldOut
from app.domain.idempotency import Kept
from app.domain.promo_codes import PromoCode
from app.domain.tickets import TicketNotFound, TicketStatus
from app.policies import bookings as policy
from app.repositories.event_bookings import EventBookingRepository
from app.services.booking_changes import BookingChangeService
from app.services.bookings import BookingService
from app.services.promo_uses import PromoUseService
from app.services.seating import SeatingService

RETURNABLE: Final = (TicketStatus.HELD, TicketStatus.VALID)


class _Asked(NamedTuple):
    """Which tickets somebody wants, and the code they have."""

    wanted: Sequence[Wanted]
    promo_code: str | None


class EventBookingService:
    def __init__(
        self,
        event_bookings: EventBookingRepository,
        bookings: BookingService,
        changes: BookingChangeService,
        seating: SeatingService,
        promo_uses: PromoUseService,
        clock: Clock,
        hold: timedelta,
    ) -> None:
        self.event_bookings = event_bookings
        self.bookings = bookings
        self.changes = changes
        self.seating = seating
        self.promo_uses = promo_uses
        self.clock = clock
        self.hold = hold

    async def book(
        self,
        actor: Actor,
        event_id: UUID,
        wanted: Sequence[Wanted],
        *,
        notes: str | None = None,
        promo_code: str | None = None,
        kept: Callable[[Booking], Kept | None] = lambda _: None,
    ) -> Booking:
        """Take seats of an event for the actor: those that were offered to them, if any were.

        Refused with SoldOut, which tells how many there are, and with what `ordered` refuses; a
        code with PromoCodeInvalid or PromoCodeExhausted.
        What is to be `kept` of the request is, by the statement that takes the seats.
        """
        await self.promo_uses.begin(actor, promo_code)
        asked = _Asked(wanted, promo_code)
        sale, lines, code = await self._order(actor, event_id, asked)
        if sale.offer or not sale.has(lines):
            sale, lines, code = await self._settled(actor, sale, asked)
        booking = self._booking(actor, sale, lines, notes, code)
        await self.bookings.ensure_may_hold(booking)
        if not await self.event_bookings.add(booking, sale, lines, kept(booking)):
            await self._add_again(actor, booking, sale, asked)
        await self.promo_uses.use(booking)
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
        self, actor: Actor, event_id: UUID, asked: _Asked
    ) -> tuple[Sale, list[Line], PromoCode | None]:
        now = self.clock()
        sale = await self.event_bookings.on_sale(event_id, actor.user_id, now=now)
        if sale is None or not policy.can_see_on_sale(actor, sale.event):
            raise EventNotFound
        event = sale.event
        code = await self.promo_uses.of_event(asked.promo_code, event.id, event.organizer_id)
        lines = ordered(sale, asked.wanted, now=now)
        return sale, discounted(lines, code) if code else lines, code

    async def _settled(
        self, actor: Actor, sale: Sale, asked: _Asked
    ) -> tuple[Sale, list[Line], PromoCode | None]:
        """Lock the event's seats, take back what lapsed, and look again; refuse with SoldOut.

        Where nothing has lapsed, nothing is locked: refusing must stay cheap.
        """
        event_id = sale.event.id
        if sale.offer is None and not await self.seating.has_past(event_id):
            raise SoldOut(available=sale.left(ordered(sale, asked.wanted, now=self.clock())))
        await self.seating.settle(event_id)
        sale, lines, code = await self._order(actor, event_id, asked)
        sale.ensure_has(lines)
        return sale, lines, code

    async def _add_again(self, actor: Actor, booking: Booking, seen: Sale, asked: _Asked) -> None:
        """Decide with the seats locked; refuse with SoldOut, or begin anew if the event changed."""
        await self.seating.settle(seen.event.id)
        sale, lines, _ = await self._order(actor, seen.event.id, asked)
        sale.ensure_has(lines)
        if sale.seats.version != seen.seats.version or not await self.event_bookings.add(
            booking, sale, lines
        ):
            raise Contention

    def _booking(
        self,
        actor: Actor,
        sale: Sale,
        lines: list[Line],
        notes: str | None,
        code: PromoCode | None,
    ) -> Booking:
        return seats_booking(
            sale.event,
            lines,
            customer_id=actor.user_id,
            notes=notes,
            now=self.clock(),
            hold=self.hold,
            code=code,
        )
