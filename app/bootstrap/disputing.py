"""What follows when a bank takes a payment back."""

from functools import cached_property

from app.bootstrap.cards import CardServices
from app.bootstrap.money import MoneyServices
from app.bootstrap.selling import SellingServices
from app.repositories.bookings import BookingRepository
from app.repositories.disputes import DisputeRepository
from app.repositories.jobs import JobRepository
from app.repositories.payments import PaymentRepository
from app.repositories.providers import ProviderRepository
from app.services.disputes import DisputeService
from app.services.sellers import SellerService


class DisputeServices(SellingServices, MoneyServices, CardServices):
    """Whose loss it is."""

    @cached_property
    def disputes(self) -> DisputeService:
        return DisputeService(
            DisputeRepository(self._connection),
            PaymentRepository(self._connection),
            self.ledger,
            self.sellers,
            JobRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def sellers(self) -> SellerService:
        return SellerService(
            BookingRepository(self._connection), ProviderRepository(self._connection), self.ledger
        )
