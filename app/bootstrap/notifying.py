"""Telling people what happened, by the channels they want."""

from functools import cached_property

from app.bootstrap.telling import TellingServices
from app.domain.notifications import Channel
from app.repositories.bookings import BookingRepository
from app.repositories.calendars import CalendarRepository
from app.repositories.chat_digests import ChatDigestRepository
from app.repositories.disputes import DisputeRepository
from app.repositories.jobs import JobRepository
from app.repositories.notification_deliveries import NotificationDeliveryRepository
from app.repositories.notification_preferences import NotificationPreferenceRepository
from app.repositories.notifications import NotificationRepository
from app.repositories.occasions import OccasionRepository
from app.repositories.payments import PaymentRepository
from app.repositories.payouts import PayoutRepository
from app.repositories.refunds import RefundRepository
from app.repositories.reminders import ReminderRepository
from app.repositories.reviews import ReviewRepository
from app.repositories.slot_waits import SlotWaitRepository
from app.repositories.suppressions import SuppressionRepository
from app.repositories.tickets import TicketRepository
from app.repositories.users import UserRepository
from app.repositories.waitlist import WaitlistRepository
from app.services.announcements import AnnouncementService
from app.services.money_announcements import MoneyAnnouncementService
from app.services.notification_addresses import AddressService
from app.services.notification_deliveries import NotificationDeliveryService
from app.services.notification_enclosures import EnclosureService
from app.services.notification_outgoing import OutgoingService
from app.services.notification_preferences import NotificationPreferenceService
from app.services.notification_sending import SendingService
from app.services.notification_standing import StandingService
from app.services.notification_templates import NotificationTemplateService
from app.services.notifications import NotificationService
from app.services.reminders import ReminderService
from app.services.suppressions import SuppressionService
from app.services.talk_announcements import TalkAnnouncementService


class NotifyingServices(TellingServices):
    """Who is told what, and how it reaches them."""

    @cached_property
    def announcements(self) -> AnnouncementService:
        return AnnouncementService(
            self.notifications,
            OccasionRepository(self._connection),
            BookingRepository(self._connection),
            PaymentRepository(self._connection),
            RefundRepository(self._connection),
            WaitlistRepository(self._connection),
            SlotWaitRepository(self._connection),
            TicketRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def money_announcements(self) -> MoneyAnnouncementService:
        return MoneyAnnouncementService(
            self.notifications,
            PayoutRepository(self._connection),
            DisputeRepository(self._connection),
        )

    @cached_property
    def notification_deliveries(self) -> NotificationDeliveryService:
        return NotificationDeliveryService(
            NotificationDeliveryRepository(self._connection),
            SuppressionRepository(self._connection),
            NotificationPreferenceRepository(self._connection),
            self.text_reports,
            self._addresses,
            self._outgoing,
            SendingService(
                self._adapters.mailer,
                self._adapters.sms,
                self._adapters.push,
                self._adapters.telegram,
            ),
            JobRepository(self._connection),
            self.audit,
            self._checkpoint,
            self._adapters.clock,
        )

    @cached_property
    def notification_preferences(self) -> NotificationPreferenceService:
        return NotificationPreferenceService(
            NotificationPreferenceRepository(self._connection),
            self._adapters.signer,
            base_url=self._adapters.settings.base_url,
        )

    @cached_property
    def notification_templates(self) -> NotificationTemplateService:
        return NotificationTemplateService(
            self._adapters.writer,
            self._adapters.clock,
            base_url=self._adapters.settings.base_url,
        )

    @cached_property
    def notifications(self) -> NotificationService:
        return NotificationService(
            NotificationRepository(self._connection),
            NotificationDeliveryRepository(self._connection),
            NotificationPreferenceRepository(self._connection),
            OccasionRepository(self._connection),
            self._addresses,
            self.realtime,
            JobRepository(self._connection),
            self.audit,
            self._adapters.writer,
            self._adapters.clock,
            base_url=self._adapters.settings.base_url,
        )

    @cached_property
    def reminders(self) -> ReminderService:
        return ReminderService(
            ReminderRepository(self._connection),
            OccasionRepository(self._connection),
            self.notifications,
            self._adapters.clock,
        )

    @cached_property
    def talk_announcements(self) -> TalkAnnouncementService:
        return TalkAnnouncementService(
            self.notifications,
            OccasionRepository(self._connection),
            ReviewRepository(self._connection),
        )

    @cached_property
    def suppressions(self) -> SuppressionService:
        return SuppressionService(SuppressionRepository(self._connection), self.audit)

    @property
    def _addresses(self) -> AddressService:
        adapters = self._adapters
        senders = {
            Channel.EMAIL: adapters.mailer,
            Channel.SMS: adapters.sms,
            Channel.PUSH: adapters.push,
            Channel.TELEGRAM: adapters.telegram,
        }
        offered = {channel for channel, sender in senders.items() if sender is not None}
        return AddressService(self.devices, self.telegram, offered=offered)

    @property
    def _enclosures(self) -> EnclosureService:
        return EnclosureService(
            CalendarRepository(self._connection),
            TicketRepository(self._connection),
            self.receipts,
            self._adapters.calendars,
            self._adapters.printing,
            self._adapters.ticket_signer,
            self._checkpoint,
            self._adapters.clock,
            host=self._adapters.settings.host_name,
        )

    @property
    def _outgoing(self) -> OutgoingService:
        return OutgoingService(
            NotificationRepository(self._connection),
            NotificationPreferenceRepository(self._connection),
            SuppressionRepository(self._connection),
            OccasionRepository(self._connection),
            UserRepository(self._connection),
            self._standing,
            self._enclosures,
            self._addresses,
            self.notification_preferences,
            self._adapters.writer,
            self._adapters.clock,
            base_url=self._adapters.settings.base_url,
        )

    @property
    def _standing(self) -> StandingService:
        return StandingService(
            OccasionRepository(self._connection),
            BookingRepository(self._connection),
            PaymentRepository(self._connection),
            RefundRepository(self._connection),
            WaitlistRepository(self._connection),
            SlotWaitRepository(self._connection),
            TicketRepository(self._connection),
            PayoutRepository(self._connection),
            DisputeRepository(self._connection),
            ReviewRepository(self._connection),
            ChatDigestRepository(self._connection),
            self._adapters.clock,
        )
