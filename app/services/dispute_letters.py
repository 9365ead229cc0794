"""Letters to those who look after the money, about what banks take back."""

from typing import Final
from uuid import UUID

from app.core.database import Checkpoint
from app.domain.disputes import Dispute, DisputeState
from app.repositories.disputes import DisputeRepository
from app.services.mail import MailService

LETTERS: Final = {
    DisputeState.INQUIRY: "dispute_begun",
    DisputeState.OPEN: "dispute_begun",
    DisputeState.DROPPED: "dispute_won",
    DisputeState.LOST: "dispute_lost",
    DisputeState.WON: "dispute_won",
}


class DisputeLetterService:
    def __init__(
        self,
        disputes: DisputeRepository,
        mail: MailService,
        checkpoint: Checkpoint,
        *,
        base_url: str,
    ) -> None:
        self.disputes = disputes
        self.mail = mail
        self.checkpoint = checkpoint
        self.base_url = base_url

    async def tell(self, dispute_id: UUID) -> None:
        """Write how a dispute stands now; a letter that was written before is not shown twice."""
        dispute = await self.disputes.get(dispute_id)
        if dispute is None:
            return
        readers = await self.disputes.readers()
        await self.checkpoint()
        for reader in readers:
            await self.mail.send(
                LETTERS[dispute.state],
                to=reader.email,
                locale=reader.locale,
                key=f"dispute/{dispute.id}/{dispute.state}/{reader.id}",
                amount=dispute.money.written(reader.locale),
                reason=dispute.reason or "",
                link=self._link(dispute),
            )

    def _link(self, dispute: Dispute) -> str:
        return f"{self.base_url}/payments/{dispute.payment_id}"
