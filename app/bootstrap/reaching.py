"""How people are reached elsewhere than by mail: devices, telephones, chats."""

from functools import cached_property

from app.bootstrap.identity import IdentityServices
from app.repositories.devices import DeviceRepository
from app.repositories.phones import PhoneRepository
from app.repositories.telegram import TelegramRepository
from app.repositories.text_reports import TextReportRepository
from app.repositories.users import UserRepository
from app.services.devices import DeviceService
from app.services.phones import PhoneService
from app.services.telegram import TelegramService
from app.services.text_reports import TextReportService


class ReachingServices(IdentityServices):
    """Where somebody is told something, and that it is theirs."""

    @cached_property
    def devices(self) -> DeviceService:
        return DeviceService(
            DeviceRepository(self._connection),
            UserRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def phones(self) -> PhoneService:
        return PhoneService(
            PhoneRepository(self._connection),
            UserRepository(self._connection),
            self.limits,
            self._adapters.sms,
            self._adapters.signer,
            self._checkpoint,
            self._adapters.clock,
        )

    @cached_property
    def telegram(self) -> TelegramService:
        return TelegramService(
            TelegramRepository(self._connection),
            self._adapters.telegram,
            self._checkpoint,
            self._adapters.clock,
        )

    @cached_property
    def text_reports(self) -> TextReportService:
        return TextReportService(
            TextReportRepository(self._connection), self._adapters.sms, self._adapters.clock
        )
