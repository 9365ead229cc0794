"""Receipts for what was paid, and credit notes for what was given back."""

from uuid import UUID

from app.core.clock import Clock
from app.core.i18n import Locale
from app.core.listing import Page, PageRequest
from app.core.money import Money
from app.domain.actors import Actor
from app.domain.bookings import Booking
from app.domain.payments import ChargeState, Payment, RefundState
from app.domain.receipts import (
    Receipt,
    ReceiptFilter,
    ReceiptKind,
    ReceiptNotFound,
    ReceiptScope,
    ReceiptSort,
    issued,
)
from app.integrations.printing.protocol import Printing
from app.policies import receipts as policy
from app.repositories.bookings import BookingRepository
from app.repositories.payments import PaymentRepository
from app.repositories.receipts import ReceiptRepository
from app.repositories.refunds import RefundRepository
from app.services.sellers import SellerService


class ReceiptService:
    """Who sold something issues its receipts; for a top-up there is none, since nothing was sold.

    Issuing twice for the same cause issues once.
    """

    def __init__(
        self,
        receipts: ReceiptRepository,
        payments: PaymentRepository,
        refunds: RefundRepository,
        bookings: BookingRepository,
        sellers: SellerService,
        printing: Printing,
        clock: Clock,
    ) -> None:
        self.receipts = receipts
        self.payments = payments
        self.refunds = refunds
        self.bookings = bookings
        self.sellers = sellers
        self.printing = printing
        self.clock = clock

    async def issue(self, payment_id: UUID) -> Receipt | None:
        """Issue the receipt of a payment that succeeded; None where there is nothing to issue."""
        payment = await self.payments.get(payment_id)
        if payment is None or payment.state is not ChargeState.PAID:
            return None
        paid = Money(payment.captured_amount, payment.currency)
        return await self._issue(ReceiptKind.RECEIPT, payment, paid)

    async def credit(self, refund_id: UUID) -> Receipt | None:
        """Issue the credit note of a refund that succeeded, or take back one of what failed then.

        A credit note is about a receipt, which is issued before it.
        """
        refund = await self.refunds.get(refund_id)
        if refund is None or refund.state is RefundState.PENDING:
            return None
        kind = ReceiptKind.CREDIT_NOTE
        if refund.state is RefundState.FAILED:
            if not await self.receipts.of(refund.payment_id, kind, refund_id):
                return None
            kind = ReceiptKind.REVERSAL
        payment = await self.payments.get(refund.payment_id)
        assert payment is not None  # a foreign key
        about = await self.issue(payment.id)
        if about is None:
            return None
        return await self._issue(kind, payment, refund.money, refund_id, about.number)

    async def get(self, actor: Actor, receipt_id: UUID) -> Receipt:
        receipt = await self.receipts.get(receipt_id)
        if receipt is None or not policy.can_see(actor, receipt):
            raise ReceiptNotFound
        return receipt

    async def list(
        self,
        actor: Actor,
        scope: ReceiptScope,
        wanted: ReceiptFilter,
        request: PageRequest[ReceiptSort],
    ) -> Page[Receipt]:
        return await self.receipts.matching(policy.narrow(actor, scope, wanted), request)

    async def printed(self, receipt: Receipt, locale: Locale) -> bytes:
        """Return it as a PDF. It takes a while: call it with no transaction open."""
        return await self.printing.receipt(receipt, locale)

    async def _issue(
        self,
        kind: ReceiptKind,
        payment: Payment,
        amount: Money,
        refund_id: UUID | None = None,
        about: int | None = None,
    ) -> Receipt | None:
        if payment.booking_id is None:
            return None
        if before := await self.receipts.of(payment.id, kind, refund_id):
            return before
        booking = await self._booking(payment.booking_id)
        issuer_id = (await self.sellers.of(booking)).user_id
        last = await self.receipts.lock(issuer_id)
        if meanwhile := await self.receipts.of(payment.id, kind, refund_id):
            return meanwhile
        receipt = issued(
            kind,
            payment,
            booking,
            amount,
            issuer_id=issuer_id,
            names=await self.receipts.names(
                issuer_id, provider_id=booking.provider_id, customer_id=booking.customer_id
            ),
            refund_id=refund_id,
            about=about,
            now=self.clock(),
        )
        return await self.receipts.add(receipt, last=last)

    async def _booking(self, booking_id: UUID) -> Booking:
        booking = await self.bookings.get(booking_id)
        assert booking is not None  # a foreign key
        return booking
