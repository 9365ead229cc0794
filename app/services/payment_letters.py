"""Letters to customers about their money: what is to be paid, what was, and what went back."""

from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.i18n import told, translate
from app.core.money import Money
from app.domain.bookings import Booking, BookingStatus, PaymentStatus
from app.domain.dues import asked_for, dues, fee_due, is_payable
from app.domain.payments import ChargeState, Payment, RefundState
from app.domain.receipts import Receipt
from app.domain.users import User, UserStatus
from app.integrations.mail.protocol import Attachment
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.bookings import BookingRepository
from app.repositories.payments import PaymentRepository
from app.repositories.refunds import RefundRepository
from app.repositories.users import UserRepository
from app.services.mail import MailService
from app.services.receipts import ReceiptService


class PaymentLetterService:
    """A letter tells how things stand when it is written, and is left out where they moved on."""

    def __init__(
        self,
        payments: PaymentRepository,
        refunds: RefundRepository,
        bookings: BookingRepository,
        changes: BookingChangeRepository,
        users: UserRepository,
        receipts: ReceiptService,
        mail: MailService,
        checkpoint: Checkpoint,
        clock: Clock,
        *,
        base_url: str,
    ) -> None:
        self.payments = payments
        self.refunds = refunds
        self.bookings = bookings
        self.changes = changes
        self.users = users
        self.receipts = receipts
        self.mail = mail
        self.checkpoint = checkpoint
        self.clock = clock
        self.base_url = base_url

    async def tell_needed(self, booking_id: UUID) -> None:
        """Write that a booking waits for its payment, until when; not before it was granted."""
        booking = await self.bookings.get(booking_id)
        if booking is None or not await self._waits(booking):
            return
        customer = await self._reader(booking.customer_id)
        assert booking.hold_expires_at is not None  # what is pending is held
        if customer is None:
            return
        until = told(booking.hold_expires_at, customer.locale, timezone=booking.timezone)
        await self._send(
            "payment_needed", booking.id, customer, asked_for(booking), booking, until=until
        )

    async def tell_rest(self, booking_id: UUID) -> None:
        """Write that the rest is due before it starts; not once it is paid, given up or over."""
        booking, now = await self.bookings.get(booking_id), self.clock()
        if booking is None or not is_payable(booking, now=now) or now >= booking.starts_at:
            return
        customer, due = await self._reader(booking.customer_id), dues(booking).now
        if customer is None or not due.amount:
            return
        until = told(booking.starts_at, customer.locale, timezone=booking.timezone)
        start = f"{booking.id}/{booking.starts_at:%Y%m%dT%H%M}"  # moved, it is told again
        await self._send("rest_due", start, customer, due, booking, until=until)

    async def tell_fee(self, booking_id: UUID) -> None:
        """Write that a fee is to be paid; not once it was, or was waived."""
        booking = await self.bookings.get(booking_id)
        if booking is None or not fee_due(booking):
            return
        customer = await self._reader(booking.customer_id)
        if customer is not None:
            await self._send("fee_owed", booking.id, customer, asked_for(booking), booking)

    async def tell_paid(self, payment_id: UUID) -> None:
        """Write that money came, with the receipt; not once all of it went back."""
        payment = await self.payments.get(payment_id)
        if payment is None or payment.state is not ChargeState.PAID or not payment.left:
            return
        receipt = await self.receipts.issue(payment_id)
        await self._tell("payment_succeeded", payment.id, payment, payment.asked, receipt)

    async def tell_failed(self, payment_id: UUID) -> None:
        """Write that a payment failed for good."""
        payment = await self.payments.get(payment_id)
        if payment is not None and payment.state is ChargeState.FAILED:
            await self._tell("payment_failed", payment.id, payment, payment.asked, None)

    async def tell_refund(self, refund_id: UUID) -> None:
        """Write that money went back, with the credit note; or that it could not."""
        refund = await self.refunds.get(refund_id)
        if refund is None or refund.state is RefundState.PENDING:
            return
        payment = await self.payments.get(refund.payment_id)
        assert payment is not None  # a foreign key
        has_failed = refund.state is RefundState.FAILED
        kind = "refund_failed" if has_failed else "refund_succeeded"
        note = await self.receipts.credit(refund_id)
        await self._tell(kind, refund.id, payment, refund.money, None if has_failed else note)

    async def _waits(self, booking: Booking) -> bool:
        is_held = booking.hold_expires_at is not None and booking.hold_expires_at > self.clock()
        is_unpaid = booking.payment_status is PaymentStatus.UNPAID
        if booking.status is not BookingStatus.PENDING or not is_held or not is_unpaid:
            return False
        waiting = await self.changes.waiting(booking.id)
        return waiting is None or not waiting[1]

    async def _tell(
        self, kind: str, fact_id: UUID, payment: Payment, amount: Money, paper: Receipt | None
    ) -> None:
        customer = await self._reader(payment.user_id)
        if customer is None:
            return
        booking = None
        if payment.booking_id is not None:
            booking = await self.bookings.get(payment.booking_id)
        await self._send(kind, fact_id, customer, amount, booking, paper=paper)

    async def _send(
        self,
        kind: str,
        fact_id: UUID | str,
        customer: User,
        amount: Money,
        booking: Booking | None,
        *,
        paper: Receipt | None = None,
        until: str | None = None,
    ) -> None:
        title = booking.title if booking else translate("Wallet top-up", customer.locale)
        await self.checkpoint()  # nothing is held while it is printed
        await self.mail.send(
            kind,
            to=customer.email,
            locale=customer.locale,
            key=f"{kind}/{fact_id}",
            attachments=(await self._file(paper, customer),) if paper else (),
            title=title,
            amount=amount.written(customer.locale),
            until=until,
            link=f"{self.base_url}/{f'bookings/{booking.id}' if booking else 'wallet'}",
        )

    async def _file(self, paper: Receipt, customer: User) -> Attachment:
        content = await self.receipts.printed(paper, customer.locale)
        return Attachment(f"receipt-{paper.shown_number}.pdf", "application/pdf", content)

    async def _reader(self, user_id: UUID) -> User | None:
        user = await self.users.get(user_id)
        return user if user is not None and user.status is UserStatus.ACTIVE else None
