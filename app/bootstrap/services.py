"""Everything one unit of work can do."""

from datetime import timedelta
from functools import cached_property

from app.bootstrap.identity import IdentityServices
from app.repositories.availability import AvailabilityRepository
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.bookings import BookingRepository
from app.repositories.categories import CategoryRepository
from app.repositories.demo import DemoRepository
from app.repositories.erasure import ErasureRepository
from app.repositories.exports import ExportRepository
from app.repositories.jobs import JobRepository
from app.repositories.offerings import OfferingRepository
from app.repositories.providers import ProviderRepository
from app.repositories.schedules import ScheduleRepository
from app.repositories.tags import TagRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.availability import AvailabilityService
from app.services.booking_changes import BookingChangeService
from app.services.bookings import BookingService
from app.services.categories import CategoryService
from app.services.demo import DemoService
from app.services.erasure import ErasureService
from app.services.exports import ExportService
from app.services.offerings import OfferingService
from app.services.providers import ProviderService
from app.services.removal import RemovalService
from app.services.schedules import ScheduleService
from app.services.tags import TagService


class Services(IdentityServices):
    """Services that share one connection: who is asking, and what can be done for them."""

    @cached_property
    def availability(self) -> AvailabilityService:
        return AvailabilityService(AvailabilityRepository(self._connection), self._adapters.clock)

    @cached_property
    def booking_changes(self) -> BookingChangeService:
        return BookingChangeService(
            BookingChangeRepository(self._connection),
            self.bookings,
            self.availability,
            JobRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def bookings(self) -> BookingService:
        return BookingService(
            BookingRepository(self._connection),
            BookingChangeRepository(self._connection),
            self.availability,
            self._adapters.clock,
            hold=timedelta(seconds=self._adapters.settings.booking_hold_seconds),
        )

    @cached_property
    def categories(self) -> CategoryService:
        return CategoryService(
            CategoryRepository(self._connection), self.audit, self._adapters.clock
        )

    @cached_property
    def demo(self) -> DemoService:
        return DemoService(
            DemoRepository(self._connection),
            self._adapters.passwords,
            self._adapters.clock,
            is_allowed=self._adapters.settings.is_development,
        )

    @cached_property
    def erasure(self) -> ErasureService:
        return ErasureService(
            ErasureRepository(self._connection),
            UserRepository(self._connection),
            VerificationRepository(self._connection),
            self.booking_changes,
            self.super_admins,
            JobRepository(self._connection),
            self._adapters.mailbox,
            self.passwords,
            self.audit,
            self._adapters.signer,
            self._adapters.clock,
        )

    @cached_property
    def exports(self) -> ExportService:
        return ExportService(ExportRepository(self._connection), self._adapters.clock)

    @cached_property
    def offerings(self) -> OfferingService:
        return OfferingService(
            OfferingRepository(self._connection),
            ProviderRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def providers(self) -> ProviderService:
        return ProviderService(ProviderRepository(self._connection))

    @cached_property
    def removal(self) -> RemovalService:
        return RemovalService(
            UserRepository(self._connection),
            VerificationRepository(self._connection),
            self.erasure,
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def schedules(self) -> ScheduleService:
        return ScheduleService(
            ScheduleRepository(self._connection),
            ProviderRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def tags(self) -> TagService:
        return TagService(TagRepository(self._connection))
