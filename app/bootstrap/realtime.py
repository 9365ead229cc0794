"""Telling users at once."""

from datetime import timedelta
from functools import cached_property

from app.bootstrap.platform import PlatformServices
from app.repositories.realtime import RealtimeRepository
from app.services.realtime import RealtimeService
from app.services.realtime_tickets import RealtimeTicketService


class RealtimeServices(PlatformServices):
    """What everything that happens may be told by."""

    def hand_on(self) -> None:
        """After the commit: let be told at once what was published, if anything was."""
        if "realtime" in self.__dict__:
            self.realtime.hand_on()

    @cached_property
    def realtime(self) -> RealtimeService:
        return RealtimeService(
            RealtimeRepository(self._connection),
            self._adapters.outgoing,
            self._adapters.clock,
            kept=timedelta(seconds=self._adapters.settings.realtime_keep_seconds),
        )

    @cached_property
    def realtime_tickets(self) -> RealtimeTicketService:
        return RealtimeTicketService(RealtimeRepository(self._connection), self._adapters.clock)
