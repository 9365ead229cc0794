"""Telling those who sell of their payouts, and those who look after the money of disputes."""

from uuid import UUID

from app.domain.announcements import OF_DISPUTE, OF_PAYOUT
from app.domain.notifications import Facts
from app.domain.payouts import PayoutStatus
from app.repositories.disputes import DisputeRepository
from app.repositories.payouts import PayoutRepository
from app.services.notifications import NotificationService


class MoneyAnnouncementService:
    """Each may be asked twice: what was told is not told again."""

    def __init__(
        self,
        notifications: NotificationService,
        payouts: PayoutRepository,
        disputes: DisputeRepository,
    ) -> None:
        self.notifications = notifications
        self.payouts = payouts
        self.disputes = disputes

    async def tell_of_payout(self, payout_id: UUID, status: PayoutStatus) -> None:
        """Tell who is paid how it stands; nothing where it has come further than that."""
        payout = await self.payouts.get(payout_id)
        if payout is None or payout.status is not status:
            return
        kind = OF_PAYOUT[status]
        facts = Facts(payout_id=payout.id, amount=payout.amount, currency=payout.currency)
        key = f"{kind}/{payout.id}"
        await self.notifications.tell(kind, payout.owner_id, key=key, facts=facts)

    async def tell_of_dispute(self, dispute_id: UUID) -> None:
        """Tell each of those who look after the money how a dispute stands now."""
        dispute = await self.disputes.get(dispute_id)
        if dispute is None:
            return
        kind = OF_DISPUTE[dispute.state]
        facts = Facts(
            payment_id=dispute.payment_id,
            dispute_id=dispute.id,
            amount=dispute.money.amount,
            currency=dispute.money.currency,
            reason=dispute.reason,
        )
        key = f"{kind}/{dispute.id}/{dispute.state}"
        for reader in await self.disputes.readers():
            await self.notifications.tell(kind, reader.id, key=key, facts=facts)
