"""What people are told at once about what they booked."""

from functools import cached_property

from app.bootstrap.paying import PaymentServices
from app.repositories.bookings import BookingRepository
from app.repositories.payments import PaymentRepository
from app.repositories.providers import ProviderRepository
from app.repositories.refunds import RefundRepository
from app.services.booking_frames import BookingFrameService


class TellingServices(PaymentServices):
    """Both sides of a booking see it change."""

    @cached_property
    def booking_frames(self) -> BookingFrameService:
        return BookingFrameService(
            BookingRepository(self._connection),
            ProviderRepository(self._connection),
            PaymentRepository(self._connection),
            RefundRepository(self._connection),
            self.realtime,
        )
