"""Turning what happened into what people are told of it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import made_at
from app.core.messages import Message
from app.domain.announcements import OF_BOOKING, Side, facts_of, key_of, means
from app.domain.bookings import Booking, BookingRescheduled
from app.domain.dues import asked_for, fee_due, rest_is_due
from app.domain.notices import SecurityNotice
from app.domain.notification_standing import stands
from app.domain.notifications import Facts, Kind
from app.domain.occasions import BookingOccasion
from app.domain.payments import ChargeState, Payment, RefundState
from app.domain.slot_waits import as_of as slot_as_of
from app.domain.ticket_transfers import TicketHandedOver, handed_over
from app.domain.waitlist import WaitlistStatus, as_of
from app.repositories.bookings import BookingRepository
from app.repositories.occasions import OccasionRepository
from app.repositories.payments import PaymentRepository
from app.repositories.refunds import RefundRepository
from app.repositories.slot_waits import SlotWaitRepository
from app.repositories.tickets import TicketRepository
from app.repositories.waitlist import WaitlistRepository
from app.services.notifications import NotificationService


class AnnouncementService:
    """Each may be asked twice: what was told is not told again."""

    def __init__(
        self,
        notifications: NotificationService,
        occasions: OccasionRepository,
        bookings: BookingRepository,
        payments: PaymentRepository,
        refunds: RefundRepository,
        entries: WaitlistRepository,
        waits: SlotWaitRepository,
        tickets: TicketRepository,
        clock: Clock,
    ) -> None:
        self.notifications = notifications
        self.occasions = occasions
        self.bookings = bookings
        self.payments = payments
        self.refunds = refunds
        self.entries = entries
        self.waits = waits
        self.tickets = tickets
        self.clock = clock

    async def tell_of_booking(self, message: Message, booking_id: UUID) -> None:
        """Tell those who take part what became of a booking, as the table says."""
        booking = await self.occasions.booking(booking_id)
        if booking is None:
            return
        moved_by, moved_from = await self._move(message)
        for kind, side in OF_BOOKING[type(message)].items():
            facts = replace(facts_of(kind, booking), moved_from=moved_from)
            if not means(kind, booking, moved_by=moved_by):
                continue
            if stands(kind, facts, booking, now=self.clock()):
                await self._tell(kind, side, booking, await self._priced(kind, facts))

    async def tell_rest(self, booking_id: UUID) -> None:
        """Tell that the rest is due before it starts; not once it is paid, given up or over."""
        booking = await self.bookings.get(booking_id)
        if booking is not None and rest_is_due(booking, now=self.clock()):
            start = f"{booking.starts_at:%Y%m%dT%H%M}"  # moved, it is told again
            key = f"{Kind.REST_DUE}/{booking.id}/{start}"
            await self._ask(Kind.REST_DUE, booking, key, until=booking.starts_at)

    async def tell_fee(self, booking_id: UUID) -> None:
        """Tell that a fee is to be paid; not once it was, or was waived."""
        booking = await self.bookings.get(booking_id)
        if booking is not None and fee_due(booking):
            await self._ask(Kind.FEE_OWED, booking, f"{Kind.FEE_OWED}/{booking.id}")

    async def tell_paid(self, payment_id: UUID) -> None:
        """Tell that money came; not once all of it went back."""
        payment = await self.payments.get(payment_id)
        if payment is not None and payment.state is ChargeState.PAID and payment.left:
            await self._tell_payment(Kind.PAYMENT_SUCCEEDED, payment)

    async def tell_not_paid(self, payment_id: UUID) -> None:
        """Tell that a payment failed for good, or is kept no longer by the card's bank."""
        payment = await self.payments.get(payment_id)
        if payment is not None and payment.is_lost:
            await self._tell_payment(Kind.PAYMENT_FAILED, payment)

    async def tell_refunded(self, refund_id: UUID) -> None:
        """Tell that money went back; or that it could not."""
        refund = await self.refunds.get(refund_id)
        if refund is None or refund.state is RefundState.PENDING:
            return
        payment = await self.payments.get(refund.payment_id)
        assert payment is not None  # a foreign key
        has_failed = refund.state is RefundState.FAILED
        kind = Kind.REFUND_FAILED if has_failed else Kind.REFUND_SUCCEEDED
        facts = Facts(
            booking_id=payment.booking_id,
            payment_id=payment.id,
            refund_id=refund.id,
            amount=refund.money.amount,
            currency=refund.money.currency,
        )
        await self.notifications.tell(kind, payment.user_id, key=f"{kind}/{refund.id}", facts=facts)

    async def tell_offered(self, entry_id: UUID) -> None:
        """Tell that seats are kept, and until when; nothing once they are taken, or are not."""
        found = await self.entries.get(entry_id)
        entry = found and as_of(found, self.clock())
        if entry is None or entry.status is not WaitlistStatus.OFFERED:
            return
        facts = Facts(
            event_id=entry.event_id,
            entry_id=entry.id,
            count=entry.seats,
            until=entry.offer_expires_at,
        )
        key = f"{Kind.SEATS_OFFERED}/{entry.id}"
        await self.notifications.tell(Kind.SEATS_OFFERED, entry.user_id, key=key, facts=facts)

    async def tell_slot_offered(self, wait_id: UUID) -> None:
        """Tell that a time is kept, and until when; nothing once it is taken, or is not."""
        found = await self.waits.get(wait_id)
        wait = found and slot_as_of(found, self.clock())
        if wait is None or wait.status is not WaitlistStatus.OFFERED:
            return
        facts = Facts(
            service_id=wait.service_id,
            wait_id=wait.id,
            starts_at=wait.offer_starts_at,
            until=wait.offer_expires_at,
        )
        key = f"{Kind.SLOT_OFFERED}/{wait.id}"
        await self.notifications.tell(Kind.SLOT_OFFERED, wait.user_id, key=key, facts=facts)

    async def tell_handed_over(self, message: TicketHandedOver) -> None:
        """Send a ticket to who has it now; left out where it has changed hands again."""
        ticket = await self.tickets.get(message.ticket_id)
        if ticket is None or handed_over(ticket.id, ticket.code_version) != message:
            return
        if ticket.attendee_email is not None:
            facts = Facts(ticket_id=ticket.id, code_version=ticket.code_version)
            key = f"{Kind.TICKET_HANDED_OVER}/{ticket.id}/{ticket.code_version}"
            await self.notifications.tell_ticket_holder(key=key, facts=facts)

    async def tell_owner(self, notice: SecurityNotice) -> None:
        """Tell the owner of an account what happened to it, and when, however late it leaves."""
        at = made_at(notice.notice_id)
        facts = Facts(notice=str(notice.kind), at=at)
        key = f"notice/{notice.notice_id}"
        await self.notifications.tell(Kind.SECURITY_NOTICE, notice.user_id, key=key, facts=facts)

    async def _priced(self, kind: Kind, facts: Facts) -> Facts:
        """Return them with what is to be paid now, which may be a deposit."""
        if kind is not Kind.PAYMENT_NEEDED or facts.booking_id is None:
            return facts
        booking = await self.bookings.get(facts.booking_id)
        assert booking is not None  # found just now
        wanted = asked_for(booking)
        return replace(facts, amount=wanted.amount, currency=wanted.currency)

    async def _move(self, message: Message) -> tuple[UUID | None, datetime | None]:
        """Return who moved a booking, and from when; nobody if it was not moved."""
        if not isinstance(message, BookingRescheduled):
            return None, None
        return await self.occasions.move(message.booking_id, message.change_id) or (None, None)

    async def _tell(self, kind: Kind, side: Side, booking: BookingOccasion, facts: Facts) -> None:
        person = booking.customer_id if side is Side.CUSTOMER else booking.seller_id
        if person is not None:
            key = key_of(kind, booking)
            await self.notifications.tell(kind, person, key=key, facts=facts)

    async def _ask(
        self, kind: Kind, booking: Booking, key: str, *, until: datetime | None = None
    ) -> None:
        """Ask its customer for what is to be paid now."""
        wanted = asked_for(booking)
        facts = Facts(
            booking_id=booking.id, until=until, amount=wanted.amount, currency=wanted.currency
        )
        await self.notifications.tell(kind, booking.customer_id, key=key, facts=facts)

    async def _tell_payment(self, kind: Kind, payment: Payment) -> None:
        facts = Facts(
            booking_id=payment.booking_id,
            payment_id=payment.id,
            amount=payment.asked.amount,
            currency=payment.asked.currency,
        )
        await self.notifications.tell(
            kind, payment.user_id, key=f"{kind}/{payment.id}", facts=facts
        )
