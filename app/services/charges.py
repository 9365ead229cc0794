"""What gateways report of payments, and what follows from it: once, in whatever order."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.money import Money
from app.domain.authorizations import AuthorizationEnded, to_take
from app.domain.bookings import Booking, BookingStatus
from app.domain.dues import MISSED, asked_for, is_payable, owed
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.group_payments import allotted, disputed, part_of
from app.domain.ledger import Account
from app.domain.payments import (
    LOOKED_AFTER,
    UNSETTLED,
    AmountMismatch,
    Charge,
    ChargeState,
    GatewayName,
    Payment,
    PaymentFailed,
    PaymentSucceeded,
    PaymentUncertain,
    further,
)
from app.domain.postings import Earning, clearing, wallet
from app.domain.top_ups import LASTS
from app.integrations.payments.protocol import PaymentGateway
from app.repositories.captures import CaptureRepository
from app.repositories.jobs import JobRepository
from app.repositories.payment_looks import PaymentLookRepository
from app.repositories.payments import PaymentRepository
from app.services.booking_changes import BookingChangeService
from app.services.disputes import DisputeService
from app.services.ledger import LedgerService
from app.services.payments import PaymentService
from app.services.refunds import RefundService
from app.services.retaking import RetakingService
from app.services.sellers import SellerService

AT_ONCE: Final = 20
MOST_LOOKS: Final = 500
"""How many paid ones are looked at each time: no matter how many are due, others get on too."""
UNHEARD: Final = timedelta(minutes=5)
CANCELLABLE: Final = (ChargeState.OPEN, ChargeState.AUTHORIZED)


class ChargeService:
    """Merging a report twice, or an older one late, changes nothing."""

    def __init__(
        self,
        payments: PaymentRepository,
        looks: PaymentLookRepository,
        captures: CaptureRepository,
        found: PaymentService,
        refunds: RefundService,
        disputes: DisputeService,
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
        self.looks = looks
        self.captures = captures
        self.found = found
        self.refunds = refunds
        self.disputes = disputes
        self.changes = changes
        self.retaking = retaking
        self.ledger = ledger
        self.sellers = sellers
        self.jobs = jobs
        self.gateways = gateways
        self.checkpoint = checkpoint
        self.clock = clock

    async def report(self, payment_id: UUID, charge: Charge, *, is_now: bool = False) -> Payment:
        """Take in how a payment stands at its gateway; refuse with AmountMismatch another sum.

        Money that came for what can't be had any more goes back, and so does what came twice.
        `is_now` where the gateway was asked: a notice may tell of what was before.
        """
        payment, booking = await self.found.lock_any(payment_id)
        if charge.state is ChargeState.PAID and not payment.may_be(charge.amount):
            raise AmountMismatch
        changed = self._merged(payment, charge, is_now=is_now)
        is_paid = changed.state is ChargeState.PAID
        await self.payments.change(changed)
        if payment.booking_ids is not None:
            return await self._share_out(changed, charge, is_now=is_now)
        if is_paid and payment.state is not ChargeState.PAID:
            await self._paid(changed, booking)
        elif changed.state is ChargeState.FAILED and payment.state is not ChargeState.FAILED:
            await self.jobs.announce(PaymentFailed(payment.id))
        if booking is not None and payment.is_manual:
            await self._kept(payment, changed, booking)
        if is_paid and charge.fee is not None:
            await self.ledger.gateway_fee(payment.id, charge.fee, gateway=payment.gateway)
        for one in charge.refunds:
            await self.refunds.take_in(changed, one)
        for dispute in charge.disputes if is_paid else ():
            await self.disputes.take_in(changed, dispute)
        has_more = charge.refunds or charge.disputes
        if booking is not None and is_paid:
            await self.refunds.settle(booking.id)
        elif has_more and not (is_paid or is_now):  # the notice that it is paid is late
            await self.jobs.announce(PaymentUncertain(payment.id))
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
        if payment.group_id is not None:  # its gateway knows the whole alone
            return await self.ask(payment.group_id)
        if payment.is_authorized:
            amount = await self._intended(payment_id)
            wanted = amount != 0
        else:
            amount, wanted = None, await self.is_wanted(payment)
        await self.checkpoint()
        charge = await self._look(payment, wanted=wanted)
        if charge is not None and charge.state is ChargeState.AUTHORIZED and amount:
            charge = await self._captured(payment.gateway, charge, amount)
        if charge is not None:
            await self.report(payment_id, charge, is_now=True)
            if payment.paid_at and payment.paid_at + LOOKED_AFTER <= self.clock():
                await self.looks.leave(payment_id)

    async def ask_stale(self) -> int:
        """Have some payments asked about that were not heard of for a while; return how many."""
        now = self.clock()
        stale = await self.payments.stale(before=now - UNHEARD, most=AT_ONCE, now=now)
        for payment_id in stale:
            await self.jobs.announce(PaymentUncertain(payment_id), dedupe=f"payment:{payment_id}")
        return len(stale)

    async def look_after_paid(self) -> None:
        """Have some payments asked about that are paid: their gateway may have given them back."""
        now = self.clock()
        for payment_id in await self.looks.take(most=MOST_LOOKS, now=now):
            await self.jobs.announce(PaymentUncertain(payment_id), dedupe=f"payment:{payment_id}")

    async def settle_authorized(self, booking_id: UUID) -> None:
        """Have money that is kept for a booking taken, or let go, where it is time for that."""
        for payment in await self.payments.of_booking(booking_id):
            if payment.is_authorized:
                await self.jobs.announce(
                    PaymentUncertain(payment.id), dedupe=f"payment:{payment.id}"
                )

    async def _intended(self, payment_id: UUID) -> int | None:
        """Return how much of what is kept is to be taken, written down; None to wait, or nothing.

        It is decided under the lock of its booking, and once it is to be taken never again.
        """
        payment, booking = await self.found.lock_any(payment_id)
        if booking is None or not payment.is_authorized:
            return None
        amount = await self._to_take(payment, booking)
        if amount and payment.capture_amount is None:
            await self.captures.intend(payment_id, amount, now=self.clock())
        return amount

    async def _to_take(self, payment: Payment, booking: Booking) -> int | None:
        others = await self.payments.of_booking(booking.id)
        terms = await self.captures.terms(booking.id)
        return to_take(payment, booking, others, terms, now=self.clock())

    async def _captured(self, name: GatewayName, charge: Charge, amount: int) -> Charge:
        """Take what is kept; return how it stands where it is not there to take any more."""
        gateway, money = self.gateways[name], Money(amount, charge.amount.currency)
        try:
            return await gateway.capture(replace(charge, amount=money))
        except GatewayRefused:
            return await gateway.look(charge) or charge

    async def _kept(self, before: Payment, payment: Payment, booking: Booking) -> None:
        """Give what money is kept for; and see that it was taken, or is kept no longer."""
        if payment.is_authorized and not before.is_authorized:
            if not (await self.captures.terms(booking.id)).is_request:
                await self._give(booking)
            await self.settle_authorized(booking.id)
        elif before.is_authorized and payment.state not in UNSETTLED:
            if payment.state is ChargeState.CANCELLED and await self._to_take(before, booking) != 0:
                await self.jobs.announce(PaymentFailed(payment.id))  # it lapsed, and is still owed
            if booking.status in MISSED:
                await self.jobs.announce(AuthorizationEnded(booking.id))

    async def _look(self, payment: Payment, *, wanted: bool) -> Charge | None:
        gateway = self.gateways[payment.gateway]
        try:
            charge = await gateway.look(payment.charge())
        except GatewayRefused:  # that tells nothing of the payment
            raise GatewayUnavailable from None
        if charge is None:
            is_lost = not wanted or payment.created_at + LASTS <= self.clock()  # it never got there
            return replace(payment.charge(), state=ChargeState.CANCELLED) if is_lost else None
        if wanted or charge.state not in CANCELLABLE:
            return charge
        try:
            return await gateway.cancel(charge)
        except GatewayRefused:
            return charge

    def _merged(self, payment: Payment, charge: Charge, *, is_now: bool) -> Payment:
        state, now = further(payment.state, charge.state), self.clock()
        if is_now and payment.state in UNSETTLED and charge.state in UNSETTLED:
            state = charge.state
        is_paid = state is ChargeState.PAID
        first, second = payment.reference, charge.reference
        if charge.state is ChargeState.PAID and payment.state is not ChargeState.PAID:
            first, second = second, first
        return replace(
            payment,
            state=state,
            captured_amount=_taken(payment, charge) if is_paid else 0,
            reference=first or second or None,
            failure_code=None if is_paid else charge.failure_code or payment.failure_code,
            paid_at=(payment.paid_at or now) if is_paid else None,
            authorized_at=payment.authorized_at
            or (now if state is ChargeState.AUTHORIZED else None),
            updated_at=now,
        )

    async def _paid(self, payment: Payment, booking: Booking | None) -> None:
        if booking is None:
            await self.ledger.wallet_topped_up(
                payment.id, payment.asked, gateway=payment.gateway, user_id=payment.user_id
            )
        else:
            await self.ledger.payment_captured(
                payment.id,
                Money(payment.captured_amount, payment.currency),
                paid_from=_paid_from(payment),
                seller=await self.sellers.of(booking),
                more=await self._earning(payment, booking),
            )
            await self._give(booking)
            await self.settle_authorized(booking.id)
        await self.jobs.announce(PaymentSucceeded(payment.id))

    async def _share_out(self, payment: Payment, charge: Charge, *, is_now: bool) -> Payment:
        """Take in for every booking of a payment what is reported of the whole."""
        if payment.state is ChargeState.PAID and charge.fee is not None:
            await self.ledger.gateway_fee(payment.id, charge.fee, gateway=payment.gateway)
        shares = await self.payments.shares(payment.id)
        refunds = allotted(charge, shares, await self.refunds.of_group(payment.id))
        disputes = disputed(charge, shares)
        for share in shares:
            part = part_of(charge, share, refunds[share.id], disputes[share.id])
            await self.report(share.id, part, is_now=is_now)
        found = await self.payments.get(payment.id)
        assert found is not None
        return found

    async def _earning(self, payment: Payment, booking: Booking) -> Earning | None:
        """Return what a payment adds to what was earned; None where nothing was yet."""
        if not await self.sellers.has_earned(booking):
            return None
        others = [one for one in await self.payments.of_booking(booking.id) if one.id != payment.id]
        before, most = sum(one.left for one in others), owed(booking)
        return Earning(
            Money(max(min(before, most), 0), payment.currency),
            Money(max(min(before + payment.left, most), 0), payment.currency),
        )

    async def _give(self, booking: Booking) -> None:
        """Confirm what was paid for: also what had lapsed, if it can still be had."""
        if booking.status is BookingStatus.PENDING:
            await self.changes.confirm_paid(booking)
        elif booking.status is BookingStatus.EXPIRED:
            await self.retaking.retake(booking)

    async def is_wanted(self, payment: Payment) -> bool:
        """Tell whether it would still be welcome: a top-up for a day, a booking while unpaid."""
        if payment.booking_ids is not None:
            shares = await self.payments.shares(payment.id)
            return all([await self.is_wanted(share) for share in shares])
        if payment.booking_id is None:
            return self.clock() < payment.created_at + LASTS
        booking = await self.found.bookings.find(payment.booking_id)
        if booking is None or payment.asked != asked_for(booking):
            return False
        return is_payable(booking, now=self.clock())


def _taken(payment: Payment, charge: Charge) -> int:
    """Return what was taken of one that is paid, as was told first."""
    if payment.state is ChargeState.PAID or charge.state is not ChargeState.PAID:
        return payment.captured_amount
    return charge.amount.amount


def _paid_from(payment: Payment) -> Account:
    if payment.gateway is GatewayName.WALLET:
        return wallet(payment.user_id)
    return clearing(payment.gateway)
