"""What was paid for and is over belongs to who sold it, less the commission."""

from datetime import timedelta
from typing import Final

from app.core.clock import Clock
from app.core.money import Money
from app.domain.dues import owed
from app.repositories.earnings import EarningRepository
from app.repositories.payments import PaymentRepository
from app.services.bookings import BookingService
from app.services.ledger import LedgerService
from app.services.sellers import SellerService

AT_ONCE: Final = 50
SETTLED_AFTER: Final = timedelta(minutes=10)


class EarningService:
    def __init__(
        self,
        earnings: EarningRepository,
        bookings: BookingService,
        payments: PaymentRepository,
        ledger: LedgerService,
        sellers: SellerService,
        clock: Clock,
    ) -> None:
        self.earnings = earnings
        self.bookings = bookings
        self.payments = payments
        self.ledger = ledger
        self.sellers = sellers
        self.clock = clock

    async def earn_some(self) -> int:
        """Write some of what is over into the books; return how many bookings, 0 when all is."""
        found = set(await self.earnings.unearned(before=self.clock() - SETTLED_AFTER, most=AT_ONCE))
        await self.bookings.seating.lock_of_all(sorted(found))
        earned = 0
        for booking_id in sorted(found):
            booking = await self.bookings.lock_any(booking_id)
            assert booking is not None  # bookings are never deleted
            payments = await self.payments.of_booking(booking_id)
            left = sum(payment.left for payment in payments)
            if left > owed(booking):  # something is to be given back by now
                continue
            amount = Money(left, booking.price_currency)
            seller = await self.sellers.of(booking)
            earned += await self.ledger.booking_earned(booking_id, amount, seller=seller)
        return earned
