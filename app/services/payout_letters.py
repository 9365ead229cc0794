"""Letters to those who sell about what is paid out to them."""

from uuid import UUID

from app.domain.payouts import PayoutStatus
from app.domain.users import UserStatus
from app.repositories.payouts import PayoutRepository
from app.repositories.users import UserRepository
from app.services.mail import MailService


class PayoutLetterService:
    def __init__(
        self,
        payouts: PayoutRepository,
        users: UserRepository,
        mail: MailService,
        *,
        base_url: str,
    ) -> None:
        self.payouts = payouts
        self.users = users
        self.mail = mail
        self.base_url = base_url

    async def tell(self, payout_id: UUID, status: PayoutStatus) -> None:
        """Write to who is paid how it stands; nothing where it has come further than that."""
        payout = await self.payouts.get(payout_id)
        if payout is None or payout.status is not status:
            return
        owner = await self.users.get(payout.owner_id)
        if owner is None or owner.status is not UserStatus.ACTIVE:
            return
        await self.mail.send(
            f"payout_{status}",
            to=owner.email,
            locale=owner.locale,
            key=f"payout_{status}/{payout.id}",
            amount=payout.money.written(owner.locale),
            link=f"{self.base_url}/payouts",
        )
