"""Bookings as files for calendars."""

from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.bookings import BookingNotFound
from app.domain.calendars import for_customer, for_seller
from app.integrations.calendars.protocol import Calendars
from app.policies import bookings as policy
from app.repositories.calendars import CalendarRepository
from app.services.bookings import BookingService


class CalendarService:
    """`host` is that of the program's own address: with an id it names an entry for ever."""

    def __init__(
        self,
        visits: CalendarRepository,
        bookings: BookingService,
        calendars: Calendars,
        clock: Clock,
        host: str,
    ) -> None:
        self.visits = visits
        self.bookings = bookings
        self.calendars = calendars
        self.clock = clock
        self.host = host

    async def file(self, actor: Actor, booking_id: UUID) -> bytes:
        """Return a booking as a file, as it stands in the calendar of who asks."""
        booking = await self.bookings.get(actor, booking_id)
        visit = await self.visits.visit(booking_id)
        if visit is None:
            raise BookingNotFound
        told = for_seller if policy.sells(actor, booking) else for_customer
        entry = told(visit, host=self.host, now=self.clock())
        return await self.calendars.write([entry], method=entry.method)
