"""What is paid in parts, and at once."""

from datetime import timedelta
from functools import cached_property

from app.bootstrap.charging import FeeServices
from app.repositories.deposits import DepositRepository
from app.repositories.jobs import JobRepository
from app.repositories.payments import PaymentRepository
from app.services.deposits import DepositService
from app.services.group_payments import GroupPaymentService


class SharingServices(FeeServices):
    """Deposits, of which the rest is paid later, and payments for several bookings."""

    @cached_property
    def deposits(self) -> DepositService:
        return DepositService(
            DepositRepository(self._connection),
            JobRepository(self._connection),
            self._adapters.clock,
            notice=timedelta(hours=self._adapters.settings.deposit_rest_notice_hours),
        )

    @cached_property
    def group_payments(self) -> GroupPaymentService:
        return GroupPaymentService(
            PaymentRepository(self._connection), self.payments, self._adapters.clock
        )
