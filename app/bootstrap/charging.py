"""Fees that are charged without anybody asking."""

from functools import cached_property

from app.bootstrap.paying import PaymentServices
from app.repositories.cards import CardRepository
from app.repositories.fees import FeeRepository
from app.repositories.jobs import JobRepository
from app.repositories.payments import PaymentRepository
from app.services.fees import FeeService


class FeeServices(PaymentServices):
    """What is due of those who cancel late or don't come."""

    @cached_property
    def fees(self) -> FeeService:
        return FeeService(
            FeeRepository(self._connection),
            PaymentRepository(self._connection),
            CardRepository(self._connection),
            self.bookings,
            self.payments,
            self.charges,
            self.refunds,
            JobRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )
