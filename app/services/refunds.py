"""Money given back: planned first, then asked of the gateway, and never more than was paid."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.money import Money
from app.domain.actors import Actor
from app.domain.bookings import Booking
from app.domain.dues import how_far, owed
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.ledger import Account, EntryKind
from app.domain.payments import (
    AT_HAND,
    KEYLESS,
    AskedBack,
    GatewayName,
    Payment,
    PaymentUncertain,
    RefundReport,
    RefundState,
    refund_further,
)
from app.domain.postings import REVENUE, clearing, refund_planned, wallet
from app.domain.refunds import (
    OtherCurrency,
    Refund,
    RefundExceedsPayment,
    RefundFilter,
    RefundPlanned,
    RefundSettled,
    RefundSort,
)
from app.integrations.payments.protocol import PaymentGateway
from app.policies import payments as policy
from app.repositories.jobs import JobRepository
from app.repositories.payments import PaymentRepository
from app.repositories.refunds import RefundRepository
from app.services.audit import AuditService
from app.services.bookings import BookingService
from app.services.ledger import LedgerService
from app.services.payments import PaymentService
from app.services.sellers import SellerService

AT_ONCE: Final = 500
UNHEARD: Final = timedelta(minutes=10)
MOST_FAILURES: Final = 3

log: Final = structlog.get_logger("banister.payments")
SENT_WITHIN: Final = timedelta(minutes=2)
"""How long one who sends a refund has it for themselves; no call takes as long."""


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
            raise _exceeds(payment)
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
        if not await self.payments.is_any_paid(booking_id):  # who reports more, settles too
            return
        await self.bookings.seating.lock_of(booking_id)
        booking = await self.bookings.lock_any(booking_id)
        if booking is not None:
            await self.settle_locked(booking)

    async def settle_locked(self, booking: Booking) -> None:
        """As `settle`, of a booking that is locked.

        What failed again and again is left to staff.
        """
        payments = await self.payments.of_booking(booking.id)
        surplus = sum(payment.left for payment in payments) - owed(booking)
        for payment in reversed(payments):
            if surplus > 0 and payment.left > 0 and await self._may_try(payment):
                amount = min(payment.left, surplus)
                surplus -= amount
                await self._plan(payment, amount, reason=booking.cancel_reason, by=None)
        await self._tell_booking(booking)

    async def send(self, refund_id: UUID) -> None:
        """Ask the gateway for a refund that was planned; safe to repeat after any failure.

        Nobody else asks for it meanwhile, and no transaction is open. What the gateway didn't
        answer is asked again once that may have had its effect.
        """
        refund = await self._taken_up(refund_id)
        if refund is None:
            return
        payment = await self._payment_of(refund)
        charged = await self._charged(payment)
        asked = AskedBack(
            refund.id,
            charged.id,
            charged.reference or "",
            refund.money,
            refund.reason,
            known=await self.refunds.others(refund, charged.id),
        )
        await self.checkpoint()
        try:
            reports = [await self.gateways[payment.gateway].refund(asked)]
        except GatewayRefused as refusal:
            failed = RefundReport("", refund.id, refund.money, RefundState.FAILED, refusal.code)
            reports = [failed] if payment.group_id else [failed, *await self._known_there(payment)]
        await self.report(payment.id, reports)
        if payment.group_id and reports[0].state is RefundState.FAILED:
            await self.jobs.announce(PaymentUncertain(charged.id))

    async def send_stale(self) -> None:
        """Have those asked for again that were not heard of for a while."""
        for refund_id in await self.refunds.stale(before=self.clock() - UNHEARD, most=AT_ONCE):
            await self.jobs.announce(RefundPlanned(refund_id), dedupe=f"refund:{refund_id}")

    async def report(self, payment_id: UUID, reports: Sequence[RefundReport]) -> None:
        """Take in how refunds of a payment stand at its gateway; also those it began itself."""
        payment, booking = await self.found.lock_any(payment_id)
        for one in reports:
            await self.take_in(payment, one)
        if booking is not None:
            await self.settle_locked(booking)

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
            updated_at=self.clock(),
        )
        await self.refunds.change(changed)
        if state is not refund.state:
            await self._book(payment, changed)

    async def _reported(self, payment: Payment, report: RefundReport) -> Refund | None:
        """Return ours, locked; one that the gateway began is made ours, if so much is left.

        One that failed before we heard of it is kept, so that older news of it changes nothing.
        """
        refund = None
        if report.reference:
            refund = await self.refunds.with_reference(payment.id, report.reference)
        if refund is None and report.refund_id is not None:
            refund = await self.refunds.lock(report.refund_id)
        if refund is None and payment.gateway in KEYLESS:
            refund = await self.refunds.unanswered(payment.id, report.amount.amount)
        if refund is not None:
            return refund if refund.payment_id == payment.id else None
        if report.amount.currency != payment.currency:
            return None
        return await self._made_ours(payment, report)

    async def _made_ours(self, payment: Payment, report: RefundReport) -> Refund | None:
        """Write down a refund that the gateway began."""
        amount, now = report.amount.amount, self.clock()
        if report.state is RefundState.FAILED:
            await self.refunds.add(self._new(payment, amount, report=report))
            return None
        if await self.payments.reserve_given(payment.id, amount, now=now) is None:
            log.warning("more was given back than is left", payment_id=str(payment.id))
            return None
        refund = self._new(payment, amount, report=report)
        if payment.booking_id is not None:
            return await self._write_down(refund, payment)
        await self.refunds.add(refund)
        await self._take_what_is_there(refund, payment)
        return refund

    async def _take_what_is_there(self, refund: Refund, payment: Payment) -> None:
        """Take a top-up that went back by itself out of the wallet; the platform bears the rest."""
        purse = wallet(payment.user_id)
        there = await self.ledger.lock(purse, refund.currency)
        taken = Money(min(there.amount, refund.amount), refund.currency)
        missing = Money(refund.amount - taken.amount, refund.currency)
        parts = [(purse, taken), (REVENUE, missing)]
        what = [
            posting
            for account, part in parts
            if part.amount
            for posting in refund_planned(part, taken_from=account)
        ]
        await self.ledger.record(EntryKind.REFUND_PLANNED, refund.id, what)

    async def _known_there(self, payment: Payment) -> Sequence[RefundReport]:
        """Return the refunds that the gateway has of a payment: why it refused may be there."""
        try:
            charge = await self.gateways[payment.gateway].look(payment.charge())
        except (GatewayRefused, GatewayUnavailable):
            return ()
        return charge.refunds if charge else ()

    async def _taken_up(self, refund_id: UUID) -> Refund | None:
        """Return a refund that is to be sent now; None where it was, or has to wait for another.

        Where a gateway doesn't tell which of ours one is, one of a payment is sent at a time.
        """
        now, seen = self.clock(), await self.refunds.get(refund_id)
        if seen is None:
            return None
        charged = await self._charged(await self._payment_of(seen))
        if charged.gateway in KEYLESS:
            await self.payments.lock(charged.id)
            if await self.refunds.is_other_sent(seen, charged.id):
                return None
        return await self.refunds.take_up(refund_id, before=now - SENT_WITHIN, now=now)

    async def _payment_of(self, refund: Refund) -> Payment:
        payment = await self.payments.get(refund.payment_id)
        assert payment is not None  # a foreign key
        return payment

    async def _charged(self, payment: Payment) -> Payment:
        """Return the payment that its gateway knows: of a share, the whole."""
        whole = await self.payments.get(payment.group_id) if payment.group_id else None
        return whole or payment

    async def of_group(self, group_id: UUID) -> Sequence[Refund]:
        """Return all refunds of the shares of a payment."""
        return await self.refunds.of_group(group_id)

    async def _may_try(self, payment: Payment) -> bool:
        return await self.refunds.failures(payment.id) < MOST_FAILURES

    async def _plan(
        self, payment: Payment, amount: int, *, reason: str | None, by: UUID | None
    ) -> Refund:
        """Write down that money is to be given back, and have it done."""
        reserved = await self.payments.reserve(payment.id, amount, now=self.clock())
        if reserved is None:
            raise _exceeds(payment)
        refund = await self._write_down(self._new(payment, amount, reason=reason, by=by), payment)
        if payment.method in AT_HAND:
            report = RefundReport(str(refund.id), refund.id, refund.money, RefundState.SUCCEEDED)
            await self.take_in(payment, report)
            return replace(refund, state=RefundState.SUCCEEDED, reference=report.reference)
        await self.jobs.announce(RefundPlanned(refund.id), dedupe=f"refund:{refund.id}")
        return refund

    async def _write_down(self, refund: Refund, payment: Payment) -> Refund:
        await self.refunds.add(refund)
        account = await self.sellers.account_of(payment)
        await self.ledger.refund_planned(refund.id, refund.money, taken_from=account)
        return refund

    def _new(
        self,
        payment: Payment,
        amount: int,
        *,
        reason: str | None = None,
        by: UUID | None = None,
        report: RefundReport | None = None,
    ) -> Refund:
        """Return one that nobody was asked for yet, or of which its gateway told first."""
        now = self.clock()
        has_failed = report is not None and report.state is RefundState.FAILED
        return Refund(
            id=new_id(),
            payment_id=payment.id,
            amount=amount,
            currency=payment.currency,
            state=RefundState.FAILED if has_failed else RefundState.PENDING,
            reason=reason,
            requested_by=by,
            reference=report.reference if report else None,
            failure_code=report.failure_code if report else None,
            attempts=0,
            created_at=now,
            updated_at=now,
        )

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
        for group_id in sorted({one.group_id for one in payments if one.group_id}):
            await self.payments.sum_up(group_id)
        captured = sum(payment.captured_amount for payment in payments)
        refunded = sum(payment.refunded_amount for payment in payments)
        status = how_far(booking, paid=captured, refunded=refunded)
        known = (booking.payment_status, booking.paid_amount, booking.refunded_amount)
        if (status, captured, refunded) != known:
            await self.payments.paid_for(booking.id, status, paid=captured, refunded=refunded)


def _exceeds(payment: Payment) -> RefundExceedsPayment:
    left = max(payment.left, 0)
    return RefundExceedsPayment(left={"amount": left, "currency": payment.currency})


def _given_to(payment: Payment) -> Account:
    """Return where the money goes back to: where it came from."""
    if payment.gateway is GatewayName.WALLET:
        return wallet(payment.user_id)
    return clearing(payment.gateway)
