"""Whether what is about to be told is still so."""

from uuid import UUID

from app.core.clock import Clock
from app.domain.announcements import OF_DISPUTE, OF_PAYOUT
from app.domain.chat_digests import LOOKS_BACK
from app.domain.dues import fee_due, rest_is_due
from app.domain.events import EventStatus
from app.domain.notification_standing import stands
from app.domain.notifications import Facts, Kind, Notification
from app.domain.payments import ChargeState, RefundState
from app.domain.reviews import ReviewOf, ReviewStatus
from app.domain.slot_waits import as_of as slot_as_of
from app.domain.tickets import TicketAtEvent, TicketStatus
from app.domain.waitlist import WaitlistStatus, as_of
from app.repositories.bookings import BookingRepository
from app.repositories.chat_digests import ChatDigestRepository
from app.repositories.disputes import DisputeRepository
from app.repositories.occasions import OccasionRepository
from app.repositories.payments import PaymentRepository
from app.repositories.payouts import PayoutRepository
from app.repositories.refunds import RefundRepository
from app.repositories.reviews import ReviewRepository
from app.repositories.slot_waits import SlotWaitRepository
from app.repositories.tickets import TicketRepository
from app.repositories.waitlist import WaitlistRepository


class StandingService:
    def __init__(
        self,
        occasions: OccasionRepository,
        bookings: BookingRepository,
        payments: PaymentRepository,
        refunds: RefundRepository,
        entries: WaitlistRepository,
        waits: SlotWaitRepository,
        tickets: TicketRepository,
        payouts: PayoutRepository,
        disputes: DisputeRepository,
        reviews: ReviewRepository,
        digests: ChatDigestRepository,
        clock: Clock,
    ) -> None:
        self.occasions = occasions
        self.bookings = bookings
        self.payments = payments
        self.refunds = refunds
        self.entries = entries
        self.waits = waits
        self.tickets = tickets
        self.payouts = payouts
        self.disputes = disputes
        self.reviews = reviews
        self.digests = digests
        self.clock = clock

    async def stands(self, notification: Notification) -> bool:
        """Tell whether it is still so; what moved on has announced something of its own."""
        kind, facts = notification.kind, notification.facts
        match kind:
            case Kind.PAYMENT_SUCCEEDED | Kind.PAYMENT_FAILED:
                return await self._of_payment(kind, facts)
            case Kind.REFUND_SUCCEEDED | Kind.REFUND_FAILED:
                return await self._of_refund(kind, facts)
            case Kind.REST_DUE | Kind.FEE_OWED:
                return await self._of_dues(kind, facts)
            case Kind.SEATS_OFFERED | Kind.SLOT_OFFERED:
                return await self._of_offer(facts)
            case Kind.PAYOUT_PROPOSED | Kind.PAYOUT_PAID | Kind.PAYOUT_CANCELLED:
                return await self._of_payout(kind, facts)
            case Kind.DISPUTE_BEGUN | Kind.DISPUTE_LOST | Kind.DISPUTE_WON:
                return await self._of_dispute(kind, facts)
            case Kind.REVIEW_INVITED | Kind.REVIEW_RECEIVED | Kind.REVIEW_REPLIED:
                return await self._of_review(notification)
            case Kind.CHAT_DIGEST if notification.user_id is not None:
                return await self._has_unread(notification.user_id)
        if facts.booking_id is None:
            return True
        booking = await self.occasions.booking(facts.booking_id)
        return booking is not None and stands(kind, facts, booking, now=self.clock())

    async def ticket(self, notification: Notification) -> TicketAtEvent | None:
        """Return a ticket that was handed over; None where it was again, or lets nobody in."""
        facts = notification.facts
        ticket = facts.ticket_id and await self.tickets.get(facts.ticket_id)
        if not ticket or ticket.code_version != facts.code_version:
            return None
        takes_place = ticket.event_status is not EventStatus.CANCELLED
        is_ahead = self.clock() < ticket.ends_at
        is_good = takes_place and is_ahead and ticket.status is TicketStatus.VALID
        return ticket if is_good else None

    async def _of_payment(self, kind: Kind, facts: Facts) -> bool:
        """Of money that came, not once all of it went back."""
        payment = facts.payment_id and await self.payments.get(facts.payment_id)
        if not payment:
            return False
        if kind is Kind.PAYMENT_FAILED:
            return payment.is_lost
        return payment.state is ChargeState.PAID and bool(payment.left)

    async def _of_refund(self, kind: Kind, facts: Facts) -> bool:
        refund = facts.refund_id and await self.refunds.get(facts.refund_id)
        if not refund:
            return False
        has_failed = kind is Kind.REFUND_FAILED
        return refund.state is (RefundState.FAILED if has_failed else RefundState.SUCCEEDED)

    async def _of_dues(self, kind: Kind, facts: Facts) -> bool:
        """Of what is to be paid, not once it was."""
        booking = None if facts.booking_id is None else await self.bookings.get(facts.booking_id)
        if booking is None:
            return False
        if kind is Kind.FEE_OWED:
            return fee_due(booking) > 0
        return rest_is_due(booking, now=self.clock())

    async def _has_unread(self, user_id: UUID) -> bool:
        unread = await self.digests.unread(user_id, since=self.clock() - LOOKS_BACK)
        return unread.messages > 0

    async def _of_payout(self, kind: Kind, facts: Facts) -> bool:
        """Of a payout, not once it has come further."""
        payout = facts.payout_id and await self.payouts.get(facts.payout_id)
        return OF_PAYOUT[payout.status] is kind if payout else False

    async def _of_dispute(self, kind: Kind, facts: Facts) -> bool:
        """Of a dispute, not once it is decided otherwise."""
        dispute = facts.dispute_id and await self.disputes.get(facts.dispute_id)
        return OF_DISPUTE[dispute.state] is kind if dispute else False

    async def _of_review(self, notification: Notification) -> bool:
        """Of a review that everybody may see, a reply that is there, a visit nobody reviewed."""
        kind, facts = notification.kind, notification.facts
        if kind is Kind.REVIEW_INVITED:
            return await self._is_to_be_reviewed(notification)
        review = facts.review_id and await self.reviews.get(facts.review_id)
        if not review or review.status is not ReviewStatus.APPROVED:
            return False
        return kind is Kind.REVIEW_RECEIVED or review.reply is not None

    async def _is_to_be_reviewed(self, notification: Notification) -> bool:
        user_id, booking_id = notification.user_id, notification.facts.booking_id
        if user_id is None or booking_id is None:
            return False
        of = ReviewOf(booking_id=booking_id)
        visit = await self.reviews.visit(user_id, of, now=self.clock())
        return visit is not None and visit.is_over and not visit.is_reviewed

    async def _of_offer(self, facts: Facts) -> bool:
        """Of seats or a time that are kept for somebody, not once they are taken or lapsed."""
        now = self.clock()
        if facts.wait_id is not None:
            wait = await self.waits.get(facts.wait_id)
            return wait is not None and slot_as_of(wait, now).status is WaitlistStatus.OFFERED
        entry = None if facts.entry_id is None else await self.entries.get(facts.entry_id)
        return entry is not None and as_of(entry, now).status is WaitlistStatus.OFFERED
