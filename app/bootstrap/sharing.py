"""What is paid in parts."""

from datetime import timedelta
from functools import cached_property

from app.bootstrap.charging import FeeServices
from app.repositories.deposits import DepositRepository
from app.repositories.jobs import JobRepository
from app.services.deposits import DepositService


class SharingServices(FeeServices):
    """Deposits, of which the rest is paid later."""

    @cached_property
    def deposits(self) -> DepositService:
        return DepositService(
            DepositRepository(self._connection),
            JobRepository(self._connection),
            self._adapters.clock,
            notice=timedelta(hours=self._adapters.settings.deposit_rest_notice_hours),
        )
