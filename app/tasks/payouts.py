"""What those who sell are told by letter about their payouts."""

from app.bootstrap import Services
from app.domain.payouts import PayoutCancelled, PayoutPaid, PayoutProposed, PayoutStatus
from app.tasks.registry import handles


@handles(PayoutProposed)
async def tell_payout_proposed(message: PayoutProposed, services: Services) -> None:
    await services.payout_letters.tell(message.payout_id, PayoutStatus.PROPOSED)


@handles(PayoutPaid)
async def tell_payout_paid(message: PayoutPaid, services: Services) -> None:
    await services.payout_letters.tell(message.payout_id, PayoutStatus.PAID)


@handles(PayoutCancelled)
async def tell_payout_cancelled(message: PayoutCancelled, services: Services) -> None:
    await services.payout_letters.tell(message.payout_id, PayoutStatus.CANCELLED)
