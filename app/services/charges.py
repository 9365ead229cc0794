"""What gateways report of payments, and what follows from it: once, in whatever order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.domain.bookings import Booking, BookingStatus, PaymentStatus
from app.domain.ledger import Account
from app.domain.payments import (
    AmountMismatch,
    Charge,
    ChargeState,
    GatewayName,
    Payment,
    PaymentFailed,
    PaymentSucceeded,
    further,
)
from app.domain.postings import clearing, wallet
from app.integrations.payments.protocol import PaymentGateway
from app.repositories.jobs import JobRepository
from app.repositories.payments import PaymentRepository
from app.services.booking_changes import BookingChangeService
from app.services.ledger import LedgerService
from app.services.payments import PaymentService
from app.services.refunds import RefundService
from app.services.retaking import RetakingService
from app.services.sellers import SellerService

AT_ONCE: Final = 20
UNHEARD: Final = timedelta(minutes=5)


class ChargeService:
    """Merging a report twice, or an older one late, changes nothing."""

    def __init__(
        self,
        payments: PaymentRepository,
        found: PaymentService,
        refunds: RefundService,
        changes: BookingChangeService,
        retaking: RetakingService,
        ledger: LedgerService,
        sellers: SellerService,
        jobs: JobRepository,
        gateways: Mapping[GatewayName, PaymentGateway],
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.payments = payments
        self.found = found
        self.refunds = refunds
        self.changes = changes
        self.retaking = retaking
        self.ledger = ledger
        self.sellers = sellers
        self.jobs = jobs
        self.gateways = gateways
        self.checkpoint = checkpoint
        self.clock = clock

    async def report(self, payment_id: UUID, charge: Charge) -> Payment:
        """Take in how a payment stands at its gateway; refuse with AmountMismatch another sum.

        Money that came for what can't be had any more goes back, and so does what came twice.
        """
        payment, booking = await self.found.lock_any(payment_id)
        if charge.state is ChargeState.PAID and charge.amount != payment.asked:
            raise AmountMismatch
        changed = self._merged(payment, charge)
        await self.payments.change(changed)
        if changed.state is ChargeState.PAID and payment.state is not ChargeState.PAID:
            await self._paid(changed, charge, booking)
        elif changed.state is ChargeState.FAILED and payment.state is not ChargeState.FAILED:
            await self.jobs.announce(PaymentFailed(payment.id))
        for one in charge.refunds:
            await self.refunds.take_in(changed, one)
        if booking is not None and changed.state is ChargeState.PAID:
            await self.refunds.settle(booking.id)
        found = await self.payments.get(payment_id)
        assert found is not None
        return found

    async def pay_at_hand(self, payment: Payment) -> Payment:
        """Pay out of the payer's wallet, or in cash; refuse with InsufficientFunds."""
        paid = Charge(str(payment.id), payment.id, ChargeState.PAID, payment.asked)
        return await self.report(payment.id, paid)

    async def ask(self, payment_id: UUID) -> None:
        """Ask its gateway how a payment stands; one that is wanted no longer is cancelled there.

        No transaction is open meanwhile.
        """
        payment = await self.payments.get(payment_id)
        if payment is None or payment.gateway not in self.gateways:
            return
        wanted = await self._is_wanted(payment)
        await self.payments.touch(payment_id, now=self.clock())
        await self.checkpoint()
        gateway = self.gateways[payment.gateway]
        charge = await gateway.look(payment.charge())
        if not wanted and (charge is None or charge.state is ChargeState.OPEN):
            known = charge or payment.charge()
            cancelled = replace(known, state=ChargeState.CANCELLED)
            charge = await gateway.cancel(known) if charge is not None else cancelled
        if charge is not None:
            await self.report(payment_id, charge)

    async def stale(self) -> Sequence[UUID]:
        """Return some payments under way that were not heard of for a while."""
        return await self.payments.stale(before=self.clock() - UNHEARD, most=AT_ONCE)

    def _merged(self, payment: Payment, charge: Charge) -> Payment:
        state, now = further(payment.state, charge.state), self.clock()
        is_paid = state is ChargeState.PAID
        return replace(
            payment,
            state=state,
            captured_amount=payment.amount if is_paid else 0,
            reference=payment.reference or charge.reference or None,
            failure_code=charge.failure_code or payment.failure_code,
            paid_at=(payment.paid_at or now) if is_paid else None,
            updated_at=now,
        )

    async def _paid(self, payment: Payment, charge: Charge, booking: Booking | None) -> None:
        if booking is None:
            await self.ledger.wallet_topped_up(
                payment.id, payment.asked, gateway=payment.gateway, user_id=payment.user_id
            )
        else:
            await self.ledger.payment_captured(
                payment.id,
                payment.asked,
                paid_from=_paid_from(payment),
                seller=await self.sellers.of(booking),
            )
            await self._give(booking)
            await self.payments.paid_for(booking.id, PaymentStatus.PAID)
        if charge.fee is not None:
            await self.ledger.gateway_fee(payment.id, charge.fee, gateway=payment.gateway)
        await self.jobs.announce(PaymentSucceeded(payment.id))

    async def _give(self, booking: Booking) -> None:
        """Confirm what was paid for: also what had lapsed, if it can still be had."""
        if booking.status is BookingStatus.PENDING:
            await self.changes.confirm_paid(booking)
        elif booking.status is BookingStatus.EXPIRED:
            await self.retaking.retake(booking)

    async def _is_wanted(self, payment: Payment) -> bool:
        """Tell whether it would still be welcome: a top-up always, of a booking what is unpaid."""
        if payment.booking_id is None:
            return True
        booking = await self.found.bookings.find(payment.booking_id)
        if booking is None or booking.payment_status is not PaymentStatus.UNPAID:
            return False
        if booking.status is BookingStatus.PENDING:
            return booking.hold_expires_at is not None and booking.hold_expires_at > self.clock()
        return booking.status in (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)


def _paid_from(payment: Payment) -> Account:
    if payment.gateway is GatewayName.WALLET:
        return wallet(payment.user_id)
    return clearing(payment.gateway)
