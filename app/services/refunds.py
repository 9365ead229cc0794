"""Money given back: planned first, then asked of the gateway, and never more than was paid."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.money import Money
from app.domain.actors import Actor
from app.domain.bookings import Booking, PaymentStatus
from app.domain.ledger import Account
from app.domain.payments import (
    AT_HAND,
    AskedBack,
    GatewayName,
    Payment,
    RefundReport,
    RefundState,
    owed,
    refund_further,
)
from app.domain.postings import clearing, wallet
from app.domain.refunds import (
    OtherCurrency,
    Refund,
    RefundExceedsPayment,
    RefundFilter,
    RefundPlanned,
    RefundSettled,
    RefundSort,
)
from app.integrations.payments.protocol import GatewayRefused, PaymentGateway
from app.policies import payments as policy
from app.repositories.jobs import JobRepository
from app.repositories.payments import PaymentRepository
from app.repositories.refunds import RefundRepository
from app.services.audit import AuditService
from app.services.bookings import BookingService
from app.services.ledger import LedgerService
from app.services.payments import PaymentService
from app.services.sellers import SellerService

AT_ONCE: Final = 20
UNHEARD: Final = timedelta(minutes=10)


class RefundService:
    """Bookings are locked before payments, and these before refunds."""

    def __init__(
        self,
        refunds: RefundRepository,
        payments: PaymentRepository,
        found: PaymentService,
        bookings: BookingService,
        ledger: LedgerService,
        sellers: SellerService,
        jobs: JobRepository,
        audit: AuditService,
        gateways: Mapping[GatewayName, PaymentGateway],
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.refunds = refunds
        self.payments = payments
        self.found = found
        self.bookings = bookings
        self.ledger = ledger
        self.sellers = sellers
        self.jobs = jobs
        self.audit = audit
        self.gateways = gateways
        self.checkpoint = checkpoint
        self.clock = clock

    async def request(
        self, actor: Actor, payment_id: UUID, *, amount: Money | None, reason: str | None
    ) -> Refund:
        """Give back so much of a payment, or all that is left of it."""
        payment, booking = await self.found.locked(actor, payment_id)
        policy.ensure_can_refund(actor, booking)
        if amount is not None and amount.currency != payment.currency:
            raise OtherCurrency
        wanted = payment.left if amount is None else amount.amount
        if not 0 < wanted <= payment.left:
            raise RefundExceedsPayment(left={"amount": payment.left, "currency": payment.currency})
        refund = await self._plan(payment, wanted, reason=reason, by=actor.user_id)
        await self.audit.note(actor, "payment.refunded", ("payment", payment.id), after=refund)
        if booking is not None:
            await self._tell_booking(booking)
        return refund

    async def list(
        self, actor: Actor, payment_id: UUID, request: PageRequest[RefundSort]
    ) -> Page[Refund]:
        await self.found.get(actor, payment_id)
        return await self.refunds.matching(RefundFilter(payment_id), request)

    async def settle(self, booking_id: UUID) -> None:
        """Give back what was paid beyond what is owed; nothing, if that was done before."""
        await self.bookings.seating.lock_of(booking_id)
        booking = await self.bookings.lock_any(booking_id)
        if booking is not None:
            await self.settle_locked(booking)

    async def settle_locked(self, booking: Booking) -> None:
        """As `settle`, of a booking that is locked."""
        payments = await self.payments.of_booking(booking.id)
        surplus = sum(payment.left for payment in payments) - owed(booking)
        for payment in reversed(payments):
            if surplus > 0 and payment.left:
                amount = min(payment.left, surplus)
                surplus -= amount
                await self._plan(payment, amount, reason=booking.cancel_reason, by=None)
        await self._tell_booking(booking)

    async def send(self, refund_id: UUID) -> None:
        """Ask the gateway for a refund that was planned; safe to repeat after any failure.

        No transaction is open meanwhile.
        """
        refund = await self.refunds.get(refund_id)
        if refund is None or refund.state is not RefundState.PENDING:
            return
        payment = await self.payments.get(refund.payment_id)
        assert payment is not None
        asked = AskedBack(
            refund.id,
            payment.id,
            payment.reference or "",
            refund.money,
            refund.reason,
            known=await self.refunds.others(refund),
        )
        await self.checkpoint()
        try:
            report = await self.gateways[payment.gateway].refund(asked)
        except GatewayRefused as refusal:
            report = RefundReport("", refund.id, refund.money, RefundState.FAILED, refusal.code)
        await self.report(payment.id, [report])

    async def stale(self) -> Sequence[UUID]:
        """Return some refunds that were not heard of for a while."""
        return await self.refunds.stale(before=self.clock() - UNHEARD, most=AT_ONCE)

    async def report(self, payment_id: UUID, reports: Sequence[RefundReport]) -> None:
        """Take in how refunds of a payment stand at its gateway; also those it began itself."""
        payment, booking = await self.found.lock_any(payment_id)
        for one in reports:
            await self.take_in(payment, one)
        if booking is not None:
            await self._tell_booking(booking)

    async def take_in(self, payment: Payment, report: RefundReport) -> None:
        """Take in how one refund stands. Its booking and payment must be locked."""
        refund = await self._reported(payment, report)
        if refund is None:
            return
        state = refund_further(refund.state, report.state)
        changed = replace(
            refund,
            state=state,
            reference=refund.reference or report.reference or None,
            failure_code=refund.failure_code or report.failure_code,
            attempts=refund.attempts + 1,
            updated_at=self.clock(),
        )
        await self.refunds.change(changed)
        if state is not refund.state:
            await self._book(payment, changed)

    async def _reported(self, payment: Payment, report: RefundReport) -> Refund | None:
        """Return ours, locked; one that the gateway began is made ours, if so much is left."""
        refund = None
        if report.reference:
            refund = await self.refunds.with_reference(payment.id, report.reference)
        if refund is None and report.refund_id is not None:
            refund = await self.refunds.lock(report.refund_id)
        if refund is not None:
            return refund if refund.payment_id == payment.id else None
        if report.state is RefundState.FAILED or report.amount.currency != payment.currency:
            return None
        reserved = await self.payments.reserve(payment.id, report.amount.amount, now=self.clock())
        if reserved is None:
            return None
        return await self._write_down(
            payment, report.amount.amount, reason=None, by=None, reference=report.reference
        )

    async def _plan(
        self, payment: Payment, amount: int, *, reason: str | None, by: UUID | None
    ) -> Refund:
        """Write down that money is to be given back, and have it done."""
        reserved = await self.payments.reserve(payment.id, amount, now=self.clock())
        if reserved is None:
            raise RefundExceedsPayment(left={"amount": payment.left, "currency": payment.currency})
        refund = await self._write_down(payment, amount, reason=reason, by=by)
        if payment.method in AT_HAND:
            report = RefundReport(str(refund.id), refund.id, refund.money, RefundState.SUCCEEDED)
            await self.take_in(payment, report)
            return replace(refund, state=RefundState.SUCCEEDED, reference=report.reference)
        await self.jobs.announce(RefundPlanned(refund.id))
        return refund

    async def _write_down(
        self,
        payment: Payment,
        amount: int,
        *,
        reason: str | None,
        by: UUID | None,
        reference: str | None = None,
    ) -> Refund:
        now = self.clock()
        refund = Refund(
            id=new_id(),
            payment_id=payment.id,
            amount=amount,
            currency=payment.currency,
            state=RefundState.PENDING,
            reason=reason,
            requested_by=by,
            reference=reference,
            failure_code=None,
            attempts=0,
            created_at=now,
            updated_at=now,
        )
        await self.refunds.add(refund)
        account = await self.sellers.account_of(payment)
        await self.ledger.refund_planned(refund.id, refund.money, taken_from=account)
        return refund

    async def _book(self, payment: Payment, refund: Refund) -> None:
        """Write into the books that it arrived, or failed: then it is not given back any more."""
        if refund.state is RefundState.SUCCEEDED:
            await self.ledger.refund_succeeded(refund.id, refund.money, given_to=_given_to(payment))
        else:
            await self.ledger.refund_failed(
                refund.id,
                refund.money,
                taken_from=await self.sellers.account_of(payment),
                given_to=_given_to(payment),
            )
            await self.payments.give_up(payment.id, refund.amount, now=self.clock())
        await self.jobs.announce(RefundSettled(refund.id))

    async def _tell_booking(self, booking: Booking) -> None:
        """Write at the booking how far it is paid."""
        payments = await self.payments.of_booking(booking.id)
        captured = sum(payment.captured_amount for payment in payments)
        refunded = sum(payment.refunded_amount for payment in payments)
        if not captured:
            return
        status = PaymentStatus.PAID
        if refunded:
            whole = refunded == captured
            status = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
        if status is not booking.payment_status:
            await self.payments.paid_for(booking.id, status)


def _given_to(payment: Payment) -> Account:
    """Return where the money goes back to: where it came from."""
    if payment.gateway is GatewayName.WALLET:
        return wallet(payment.user_id)
    return clearing(payment.gateway)
