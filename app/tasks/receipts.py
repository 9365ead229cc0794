"""Papers about money that came or went back."""

from app.bootstrap import Services
from app.domain.payments import PaymentSucceeded
from app.domain.refunds import RefundSettled
from app.tasks.registry import handles


@handles(PaymentSucceeded)
async def issue_receipt(message: PaymentSucceeded, services: Services) -> None:
    await services.receipts.issue(message.payment_id)


@handles(RefundSettled)
async def issue_credit_note(message: RefundSettled, services: Services) -> None:
    await services.receipts.credit(message.refund_id)
