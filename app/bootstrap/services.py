"""Everything one unit of work can do."""

from datetime import timedelta
from functools import cached_property

from app.bootstrap.notifying import NotifyingServices
from app.bootstrap.reviewing import ReviewServices
from app.bootstrap.sharing import SharingServices
from app.bootstrap.talking import TalkingServices
from app.repositories.availability import AvailabilityRepository
from app.repositories.calendar_feeds import CalendarFeedRepository
from app.repositories.calendars import CalendarRepository
from app.repositories.categories import CategoryRepository
from app.repositories.closures import ClosureRepository
from app.repositories.demo import DemoRepository
from app.repositories.drifts import DriftRepository
from app.repositories.erasure import ErasureRepository
from app.repositories.event_bookings import EventBookingRepository
from app.repositories.event_changes import EventChangeRepository
from app.repositories.events import EventRepository
from app.repositories.exports import ExportRepository
from app.repositories.external_calendars import ExternalCalendarRepository
from app.repositories.free_days import FreeDayRepository
from app.repositories.hours import HoursRepository
from app.repositories.jobs import JobRepository
from app.repositories.offerings import OfferingRepository
from app.repositories.overrides import OverrideRepository
from app.repositories.own_names import OwnNameRepository
from app.repositories.providers import ProviderRepository
from app.repositories.schedules import ScheduleRepository
from app.repositories.slot_waits import SlotWaitRepository
from app.repositories.tags import TagRepository
from app.repositories.ticket_types import TicketTypeRepository
from app.repositories.time_off import TimeOffRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.repositories.waitlist import WaitlistRepository
from app.services.calendar_feeds import CalendarFeedService
from app.services.calendars import CalendarService
from app.services.categories import CategoryService
from app.services.closures import ClosureService
from app.services.demo import DemoService
from app.services.drifts import DriftService
from app.services.erasure import ErasureService
from app.services.event_bookings import EventBookingService
from app.services.event_changes import EventChangeService
from app.services.events import EventService
from app.services.exports import ExportService
from app.services.external_calendars import ExternalCalendarService
from app.services.free_days import FreeDayService
from app.services.hours import HoursService
from app.services.offerings import OfferingService
from app.services.overrides import OverrideService
from app.services.providers import ProviderService
from app.services.removal import RemovalService
from app.services.schedules import ScheduleService
from app.services.slot_waits import SlotWaitService
from app.services.tags import TagService
from app.services.ticket_codes import TicketCodeService
from app.services.ticket_types import TicketTypeService
from app.services.time_off import TimeOffService
from app.services.waitlist import WaitlistService


class Services(TalkingServices, SharingServices, NotifyingServices, ReviewServices):
    """Services that share one connection: who is asking, and what can be done for them."""

    @cached_property
    def calendar_feeds(self) -> CalendarFeedService:
        return CalendarFeedService(
            CalendarFeedRepository(self._connection),
            CalendarRepository(self._connection),
            self._adapters.calendars,
            self._adapters.signer,
            self._adapters.clock,
            host=self._adapters.settings.host_name,
        )

    @cached_property
    def calendars(self) -> CalendarService:
        return CalendarService(
            CalendarRepository(self._connection),
            self.bookings,
            self._adapters.calendars,
            self._adapters.clock,
            host=self._adapters.settings.host_name,
        )

    @cached_property
    def categories(self) -> CategoryService:
        return CategoryService(
            CategoryRepository(self._connection), self.audit, self._adapters.clock
        )

    @cached_property
    def closures(self) -> ClosureService:
        return ClosureService(
            ClosureRepository(self._connection), self.hours, self.audit, self._adapters.clock
        )

    @cached_property
    def demo(self) -> DemoService:
        return DemoService(
            DemoRepository(self._connection),
            self.review_totals,
            self._adapters.passwords,
            self._adapters.clock,
            is_allowed=self._adapters.settings.is_development,
        )

    @cached_property
    def drifts(self) -> DriftService:
        return DriftService(DriftRepository(self._connection), self._adapters.clock)

    @cached_property
    def erasure(self) -> ErasureService:
        return ErasureService(
            ErasureRepository(self._connection),
            OwnNameRepository(self._connection),
            UserRepository(self._connection),
            VerificationRepository(self._connection),
            self.booking_changes,
            self.waitlist,
            self.slot_waits,
            self.super_admins,
            self.cards,
            JobRepository(self._connection),
            self._adapters.mailbox,
            self._adapters.kept_messages,
            self.passwords,
            self.audit,
            self._adapters.signer,
            self._adapters.clock,
        )

    @cached_property
    def event_bookings(self) -> EventBookingService:
        return EventBookingService(
            EventBookingRepository(self._connection),
            self.bookings,
            self.booking_changes,
            self.seating,
            self.promo_uses,
            self._adapters.clock,
            hold=timedelta(seconds=self._adapters.settings.booking_hold_seconds),
        )

    @cached_property
    def event_changes(self) -> EventChangeService:
        return EventChangeService(
            EventChangeRepository(self._connection),
            EventRepository(self._connection),
            self.events,
            self.seating,
            JobRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def events(self) -> EventService:
        return EventService(
            EventRepository(self._connection),
            TicketTypeRepository(self._connection),
            EventChangeRepository(self._connection),
            self.seating,
            JobRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def exports(self) -> ExportService:
        return ExportService(ExportRepository(self._connection), self._adapters.clock)

    @cached_property
    def free_days(self) -> FreeDayService:
        return FreeDayService(
            FreeDayRepository(self._connection),
            AvailabilityRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def hours(self) -> HoursService:
        return HoursService(
            HoursRepository(self._connection),
            ProviderRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def external_calendars(self) -> ExternalCalendarService:
        return ExternalCalendarService(
            ExternalCalendarRepository(self._connection),
            ProviderRepository(self._connection),
            JobRepository(self._connection),
            self.audit,
            self._adapters.callouts,
            self._adapters.calendars,
            self._checkpoint,
            self._adapters.clock,
        )

    @cached_property
    def offerings(self) -> OfferingService:
        return OfferingService(
            OfferingRepository(self._connection),
            ProviderRepository(self._connection),
            HoursRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def overrides(self) -> OverrideService:
        return OverrideService(
            OverrideRepository(self._connection),
            self.hours,
            self.providers,
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def providers(self) -> ProviderService:
        return ProviderService(
            ProviderRepository(self._connection),
            self.free_days,
            self.audit,
            self._adapters.clock,
        )

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
    def slot_waits(self) -> SlotWaitService:
        return SlotWaitService(
            SlotWaitRepository(self._connection),
            ProviderRepository(self._connection),
            self.availability,
            self.hours,
            JobRepository(self._connection),
            self._adapters.clock,
            offer=timedelta(seconds=self._adapters.settings.waitlist_offer_seconds),
        )

    @cached_property
    def tags(self) -> TagService:
        return TagService(TagRepository(self._connection))

    @cached_property
    def ticket_codes(self) -> TicketCodeService:
        return TicketCodeService(self._adapters.ticket_signer)

    @cached_property
    def ticket_types(self) -> TicketTypeService:
        return TicketTypeService(
            TicketTypeRepository(self._connection), self.events, self._adapters.clock
        )

    @cached_property
    def time_off(self) -> TimeOffService:
        return TimeOffService(
            TimeOffRepository(self._connection),
            self.hours,
            self.providers,
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def waitlist(self) -> WaitlistService:
        return WaitlistService(
            WaitlistRepository(self._connection),
            EventBookingRepository(self._connection),
            self.seating,
            self._adapters.clock,
        )
