"""Giving somebody whose money came late what they had held, if it can still be had."""

from dataclasses import replace

from app.core.clock import Clock
from app.domain.booking_items import items_of
from app.domain.bookings import Booking, BookingConfirmed
from app.domain.event_bookings import Line, Sale, is_bookable
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.event_bookings import EventBookingRepository
from app.repositories.jobs import JobRepository
from app.repositories.retaking import RetakingRepository
from app.services.promo_uses import PromoUseService
from app.services.seating import SeatingService


class RetakingService:
    def __init__(
        self,
        retaking: RetakingRepository,
        changes: BookingChangeRepository,
        event_bookings: EventBookingRepository,
        seating: SeatingService,
        promo_uses: PromoUseService,
        jobs: JobRepository,
        clock: Clock,
    ) -> None:
        self.retaking = retaking
        self.changes = changes
        self.event_bookings = event_bookings
        self.seating = seating
        self.promo_uses = promo_uses
        self.jobs = jobs
        self.clock = clock

    async def retake(self, booking: Booking) -> bool:
        """Confirm a booking that had lapsed; return whether its time or seats were still free.

        It must be locked, and the seats of its event.
        """
        taken = await self._seats(booking) if booking.event_id else await self._time(booking)
        if taken is not None:
            await self.jobs.announce(BookingConfirmed(booking.id))
        return taken is not None

    async def _time(self, booking: Booking) -> Booking | None:
        assert booking.provider_id is not None  # an appointment has one
        now = self.clock()
        await self.retaking.lock_provider(booking.provider_id)
        await self.changes.expire_lapsed(replace(booking, updated_at=now))
        if not await self.promo_uses.take_again(booking):
            return None
        return await self._or_back(booking, await self.retaking.time(booking.id, now=now))

    async def _seats(self, booking: Booking) -> Booking | None:
        assert booking.event_id is not None
        now = self.clock()
        await self.seating.settle(booking.event_id)
        sale = await self.event_bookings.on_sale(booking.event_id, None, now=now)
        if sale is None or not is_bookable(sale.event, now=now) or not _is_there(sale, booking):
            return None
        if not await self.promo_uses.take_again(booking):
            return None
        return await self._or_back(booking, await self.retaking.seats(booking, now=now))

    async def _or_back(self, booking: Booking, taken: Booking | None) -> Booking | None:
        """Give back the use of a code that was counted again, where the rest is gone."""
        if taken is None:
            await self.promo_uses.give_back(booking)
        return taken


def _is_there(sale: Sale, booking: Booking) -> bool:
    """Tell whether every type it was for is still sold, and has as many left."""
    known = {str(one.id): one for one in sale.ticket_types}
    items = items_of(booking)
    return all(item.ticket_type_id in known for item in items) and sale.has(
        [Line(known[item.ticket_type_id], item.quantity) for item in items]
    )
