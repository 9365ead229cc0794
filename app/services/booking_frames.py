"""What customers and those they booked with are told at once about a booking."""

from uuid import UUID

from app.domain.bookings import Booking
from app.domain.realtime import FrameType
from app.repositories.bookings import BookingRepository
from app.repositories.payments import PaymentRepository
from app.repositories.providers import ProviderRepository
from app.repositories.refunds import RefundRepository
from app.services.realtime import RealtimeService


class BookingFrameService:
    """A frame tells how things stand when it is written; of two changes the later one comes last.

    `sequence` goes up with every change, so that a client can tell which of two it knew is newer.
    """

    def __init__(
        self,
        bookings: BookingRepository,
        providers: ProviderRepository,
        payments: PaymentRepository,
        refunds: RefundRepository,
        realtime: RealtimeService,
    ) -> None:
        self.bookings = bookings
        self.providers = providers
        self.payments = payments
        self.refunds = refunds
        self.realtime = realtime

    async def tell(self, booking_id: UUID, *, change: str) -> None:
        """Tell the customer, and the provider or the organizer, that it changed, and how."""
        booking = await self.bookings.get(booking_id)
        if booking is not None:
            data = {
                "id": booking.id,
                "change": change,
                "kind": booking.kind,
                "status": booking.status,
                "customer_id": booking.customer_id,
                "service_id": booking.service_id,
                "provider_id": booking.provider_id,
                "event_id": booking.event_id,
                "starts_at": booking.starts_at,
                "ends_at": booking.ends_at,
                "seats": booking.seats,
                "payment_status": booking.payment_status,
                "sequence": booking.sequence,
                "updated_at": booking.updated_at,
            }
            to = await self._sides(booking)
            await self.realtime.publish(FrameType.BOOKING, data, to=to)

    async def tell_refund(self, refund_id: UUID) -> None:
        """Tell the same of a booking whose money goes back, has gone back, or could not."""
        refund = await self.refunds.get(refund_id)
        payment = refund and await self.payments.get(refund.payment_id)
        if refund and payment and payment.booking_id is not None:
            await self.tell(payment.booking_id, change=f"refund_{refund.state}")

    async def _sides(self, booking: Booking) -> list[UUID]:
        sides = [booking.customer_id]
        if booking.organizer_id is not None:
            sides.append(booking.organizer_id)
        if booking.provider_id is not None:
            provider = await self.providers.get(booking.provider_id)
            sides += [provider.user_id] if provider is not None else []
        return sides
