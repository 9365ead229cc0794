"""Paying for what is sold, and giving money back."""

from functools import cached_property

from app.bootstrap.disputing import DisputeServices
from app.domain.top_ups import TopUpBounds
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.bookings import BookingRepository
from app.repositories.captures import CaptureRepository
from app.repositories.earnings import EarningRepository
from app.repositories.event_bookings import EventBookingRepository
from app.repositories.gateway_events import GatewayEventRepository
from app.repositories.jobs import JobRepository
from app.repositories.payment_checks import PaymentCheckRepository
from app.repositories.payment_looks import PaymentLookRepository
from app.repositories.payments import PaymentRepository
from app.repositories.receipts import ReceiptRepository
from app.repositories.refunds import RefundRepository
from app.repositories.retaking import RetakingRepository
from app.repositories.users import UserRepository
from app.services.charges import ChargeService
from app.services.earnings import EarningService
from app.services.gateway_events import GatewayEventService
from app.services.payment_checks import PaymentCheckService
from app.services.payments import PaymentService
from app.services.receipts import ReceiptService
from app.services.refunds import RefundService
from app.services.retaking import RetakingService
from app.services.sandbox import SandboxService
from app.services.top_ups import TopUpService


class PaymentServices(DisputeServices):
    """Who has paid what, and what follows from it."""

    @cached_property
    def charges(self) -> ChargeService:
        return ChargeService(
            PaymentRepository(self._connection),
            PaymentLookRepository(self._connection),
            CaptureRepository(self._connection),
            self.payments,
            self.refunds,
            self.disputes,
            self.booking_changes,
            self.retaking,
            self.ledger,
            self.sellers,
            JobRepository(self._connection),
            self._adapters.gateways,
            self._checkpoint,
            self._adapters.clock,
        )

    @cached_property
    def earnings(self) -> EarningService:
        return EarningService(
            EarningRepository(self._connection),
            self.bookings,
            PaymentRepository(self._connection),
            self.ledger,
            self.sellers,
            self._adapters.clock,
        )

    @cached_property
    def gateway_events(self) -> GatewayEventService:
        return GatewayEventService(
            GatewayEventRepository(self._connection),
            PaymentRepository(self._connection),
            self.charges,
            self.cards,
            self.audit,
            self._adapters.gateways,
            self._adapters.clock,
        )

    @cached_property
    def payment_checks(self) -> PaymentCheckService:
        return PaymentCheckService(
            PaymentCheckRepository(self._connection),
            PaymentLookRepository(self._connection),
            self._adapters.gateways,
            self._adapters.clock,
        )

    @cached_property
    def payments(self) -> PaymentService:
        settings = self._adapters.settings
        return PaymentService(
            PaymentRepository(self._connection),
            self.bookings,
            BookingChangeRepository(self._connection),
            CaptureRepository(self._connection),
            UserRepository(self._connection),
            self.cards,
            self._adapters.gateways,
            self._checkpoint,
            self._adapters.clock,
            cards=self._cards_go_to,
            base_url=settings.base_url,
        )

    @cached_property
    def receipts(self) -> ReceiptService:
        return ReceiptService(
            ReceiptRepository(self._connection),
            PaymentRepository(self._connection),
            RefundRepository(self._connection),
            BookingRepository(self._connection),
            self.sellers,
            self._adapters.printing,
            self._adapters.clock,
        )

    @cached_property
    def refunds(self) -> RefundService:
        return RefundService(
            RefundRepository(self._connection),
            PaymentRepository(self._connection),
            self.payments,
            self.bookings,
            self.ledger,
            self.sellers,
            JobRepository(self._connection),
            self.audit,
            self._adapters.gateways,
            self._checkpoint,
            self._adapters.clock,
        )

    @cached_property
    def retaking(self) -> RetakingService:
        return RetakingService(
            RetakingRepository(self._connection),
            BookingChangeRepository(self._connection),
            EventBookingRepository(self._connection),
            self.seating,
            self.promo_uses,
            JobRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def sandbox(self) -> SandboxService:
        return SandboxService(
            PaymentRepository(self._connection),
            self.gateway_events,
            self.cards,
            self._adapters.sandbox,
        )

    @cached_property
    def top_ups(self) -> TopUpService:
        settings = self._adapters.settings
        return TopUpService(
            PaymentRepository(self._connection),
            self.payments,
            self._adapters.clock,
            bounds=TopUpBounds(settings.wallet_top_up_least, settings.wallet_top_up_most),
        )
