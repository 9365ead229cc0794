"""Fees for cancelling late and for not coming: taken from a saved card once, waived, or owed."""

from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.bookings import Booking
from app.domain.cards import SavedCard
from app.domain.dues import fee_due
from app.domain.fees import FeeDue, FeeOwed, NoFee
from app.domain.payment_requests import opened
from app.domain.payments import (
    ChargeState,
    Payment,
    PaymentMethod,
    PaymentUncertain,
)
from app.policies import bookings as policy
from app.repositories.cards import CardRepository
from app.repositories.fees import FeeRepository
from app.repositories.jobs import JobRepository
from app.repositories.payments import PaymentRepository
from app.services.audit import AuditService
from app.services.bookings import BookingService
from app.services.charges import ChargeService
from app.services.payments import PaymentService
from app.services.refunds import RefundService

AT_ONCE: Final = 100
UNANSWERED: Final = timedelta(minutes=30)


class FeeService:
    """A payment is written down before its card is charged, and of a booking there is one."""

    def __init__(
        self,
        fees: FeeRepository,
        payments: PaymentRepository,
        cards: CardRepository,
        bookings: BookingService,
        found: PaymentService,
        charges: ChargeService,
        refunds: RefundService,
        jobs: JobRepository,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.fees = fees
        self.payments = payments
        self.cards = cards
        self.bookings = bookings
        self.found = found
        self.charges = charges
        self.refunds = refunds
        self.jobs = jobs
        self.audit = audit
        self.clock = clock

    async def collect(self, booking_id: UUID) -> None:
        """Have the fee of a booking taken from its customer's card, or tell them that they owe it.

        Safe to repeat: what was begun before is not begun again. What is kept of a card is taken
        first, and then this is asked once more.
        """
        booking = await self._lock(booking_id)
        if booking is None or not fee_due(booking):
            return
        payments = await self.payments.of_booking(booking_id)
        if any(payment.is_fee or payment.is_authorized for payment in payments):
            return
        gateway = self.found.gateway_of(PaymentMethod.CARD) if self.found.takes_cards else None
        card = await self.cards.latest(booking.customer_id, gateway) if gateway else None
        if card is None:
            await self.jobs.announce(FeeOwed(booking_id))
            return
        payment = self._of(booking, card)
        await self.payments.add(payment)
        await self.jobs.announce(FeeDue(payment.id))

    async def charge(self, payment_id: UUID) -> None:
        """Charge the card once. What it wants its owner for stays open for them, and is told.

        No transaction is open during the call. What is not wanted any more is not charged.
        """
        payment = await self.payments.get(payment_id)
        if payment is None or payment.state is not ChargeState.OPEN or payment.failure_code:
            return
        if not await self.charges.is_wanted(payment):
            await self.jobs.announce(PaymentUncertain(payment_id))
            return
        begun = await self.found.begin(payment, locale=await self.found.locale_of(payment))
        await self.found.show(payment_id, begun)
        after = await self.charges.report(payment_id, begun.charge)
        is_missing = after.state in (ChargeState.OPEN, ChargeState.FAILED)
        if is_missing and after.booking_id is not None:
            await self.jobs.announce(FeeOwed(after.booking_id))

    async def charge_stale(self) -> None:
        """Have those charged for which the gateway never answered, however often it was asked."""
        before = self.clock() - UNANSWERED
        for payment_id in await self.fees.unasked(before=before, most=AT_ONCE):
            await self.jobs.announce(FeeDue(payment_id), dedupe=f"fee:{payment_id}")

    async def waive(self, actor: Actor, booking_id: UUID, *, reason: str | None) -> Booking:
        """Want the fee no longer: what was paid of it goes back. Refused with NoFee."""
        await self.bookings.seating.lock_of(booking_id)
        booking = await self.bookings.lock(actor, booking_id)
        policy.ensure_can_decide(actor, booking)
        if not booking.late_fee_amount:
            raise NoFee
        await self.fees.waive(booking_id, now=self.clock())
        await self.audit.note(
            actor,
            "booking.fee_waived",
            ("booking", booking_id),
            before=booking,
            after=replace(booking, late_fee_amount=0, missed_fee_amount=0),
        )
        for payment in await self.payments.of_booking(booking_id):
            await self._give_up(actor, payment, reason=reason)
        await self.refunds.settle(booking_id)
        return await self.bookings.get(actor, booking_id)

    async def _give_up(self, actor: Actor, payment: Payment, *, reason: str | None) -> None:
        if payment.is_fee and payment.left > 0:
            await self.refunds.request(actor, payment.id, amount=None, reason=reason)
        elif payment.state is ChargeState.OPEN:
            await self.jobs.announce(PaymentUncertain(payment.id))

    async def _lock(self, booking_id: UUID) -> Booking | None:
        await self.bookings.seating.lock_of(booking_id)
        return await self.bookings.lock_any(booking_id)

    def _of(self, booking: Booking, card: SavedCard) -> Payment:
        payment = opened(
            booking,
            card.gateway,
            PaymentMethod.CARD,
            user_id=booking.customer_id,
            request_key=None,
            now=self.clock(),
        )
        return replace(payment, card_id=card.id, is_fee=True)
