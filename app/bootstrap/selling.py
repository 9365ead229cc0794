"""What is sold: time and seats, and the tickets that let people in."""

from datetime import timedelta
from functools import cached_property

from app.bootstrap.promoting import PromotingServices
from app.repositories.availability import AvailabilityRepository
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.bookings import BookingRepository
from app.repositories.check_ins import CheckInRepository
from app.repositories.jobs import JobRepository
from app.repositories.seating import SeatingRepository
from app.repositories.ticket_transfers import TicketTransferRepository
from app.repositories.tickets import TicketRepository
from app.services.availability import AvailabilityService
from app.services.booking_changes import BookingChangeService
from app.services.bookings import BookingService
from app.services.check_ins import CheckInService
from app.services.printing import PrintingService
from app.services.seating import SeatingService
from app.services.ticket_transfers import TicketTransferService
from app.services.tickets import TicketService


class SellingServices(PromotingServices):
    """Who has booked what, and comes with which ticket."""

    @cached_property
    def availability(self) -> AvailabilityService:
        return AvailabilityService(AvailabilityRepository(self._connection), self._adapters.clock)

    @cached_property
    def booking_changes(self) -> BookingChangeService:
        return BookingChangeService(
            BookingChangeRepository(self._connection),
            self.bookings,
            self.availability,
            self.seating,
            JobRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def bookings(self) -> BookingService:
        return BookingService(
            BookingRepository(self._connection),
            BookingChangeRepository(self._connection),
            self.availability,
            self.seating,
            self.promo_uses,
            self._adapters.clock,
            hold=timedelta(seconds=self._adapters.settings.booking_hold_seconds),
        )

    @cached_property
    def check_ins(self) -> CheckInService:
        return CheckInService(
            CheckInRepository(self._connection),
            self.tickets,
            self._adapters.ticket_signer,
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def printing(self) -> PrintingService:
        return PrintingService(self._adapters.printing)

    @cached_property
    def seating(self) -> SeatingService:
        return SeatingService(
            SeatingRepository(self._connection),
            JobRepository(self._connection),
            self._adapters.clock,
            offer=timedelta(seconds=self._adapters.settings.waitlist_offer_seconds),
        )

    @cached_property
    def ticket_transfers(self) -> TicketTransferService:
        return TicketTransferService(
            TicketTransferRepository(self._connection),
            TicketRepository(self._connection),
            self.tickets,
            self.bookings,
            self.limits,
            JobRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def tickets(self) -> TicketService:
        return TicketService(
            TicketRepository(self._connection), self.bookings, self._adapters.ticket_signer
        )
