"""The rest of what was paid for in part: told of in time."""

from datetime import timedelta
from typing import Final

from app.core.clock import Clock
from app.domain.deposits import RestDue
from app.repositories.deposits import DepositRepository
from app.repositories.jobs import JobRepository

AT_ONCE: Final = 100


class DepositService:
    def __init__(
        self, deposits: DepositRepository, jobs: JobRepository, clock: Clock, *, notice: timedelta
    ) -> None:
        self.deposits = deposits
        self.jobs = jobs
        self.clock = clock
        self.notice = notice

    async def tell_due(self) -> int:
        """Announce of some bookings that their rest is due; return how many, 0 when all are told.

        What has to be paid before it starts is told once, as long before as the notice is.
        """
        found = await self.deposits.due(notice=self.notice, now=self.clock(), most=AT_ONCE)
        for booking_id in found:
            await self.jobs.announce(RestDue(booking_id))
        return len(found)
