"""Whose money it is that was paid for a booking."""

from uuid import UUID

from app.domain.bookings import Booking
from app.domain.ledger import Account, EntryKind
from app.domain.payments import Payment
from app.domain.postings import Seller, organizer, provider, wallet
from app.repositories.bookings import BookingRepository
from app.repositories.providers import ProviderRepository
from app.services.ledger import LedgerService


class SellerService:
    def __init__(
        self,
        bookings: BookingRepository,
        providers: ProviderRepository,
        ledger: LedgerService,
    ) -> None:
        self.bookings = bookings
        self.providers = providers
        self.ledger = ledger

    async def of(self, booking: Booking) -> Seller:
        """Return who sells it: the organizer of the event, or the provider."""
        if booking.organizer_id is not None:
            return organizer(booking.organizer_id)
        assert booking.provider_id is not None  # one kind or the other, by a constraint
        found = await self.providers.get(booking.provider_id)
        assert found is not None  # providers are never deleted
        return provider(found.user_id)

    async def account_of(self, payment: Payment) -> Account:
        """Return where the money of a payment is now, to be taken back from there."""
        if payment.booking_id is None:
            return wallet(payment.user_id)
        booking = await self._booking(payment.booking_id)
        seller = await self.of(booking)
        return seller.earned if await self.has_earned(booking) else seller.deposits

    async def has_earned(self, booking: Booking) -> bool:
        """Tell whether what was paid for it is theirs by now. It must be locked."""
        return await self.ledger.has(EntryKind.BOOKING_EARNED, booking.id)

    async def _booking(self, booking_id: UUID) -> Booking:
        booking = await self.bookings.get(booking_id)
        assert booking is not None  # a foreign key
        return booking
