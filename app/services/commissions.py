"""What the platform keeps of single sellers, where it is not the usual share."""

from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.commissions import (
    Commission,
    CommissionFilter,
    CommissionNotFound,
    CommissionSort,
)
from app.policies import ledger as policy
from app.repositories.commissions import CommissionRepository
from app.services.audit import AuditService


class CommissionService:
    def __init__(
        self, commissions: CommissionRepository, audit: AuditService, clock: Clock
    ) -> None:
        self.commissions = commissions
        self.audit = audit
        self.clock = clock

    async def list(
        self, actor: Actor, wanted: CommissionFilter, request: PageRequest[CommissionSort]
    ) -> Page[Commission]:
        policy.ensure_can_read(actor)
        return await self.commissions.matching(wanted, request)

    async def agree(self, actor: Actor, user_id: UUID, basis_points: int) -> Commission:
        """Keep that share of what is earned from now on; refuse with UserNotFound."""
        policy.ensure_can_manage_payouts(actor)
        before = await self.commissions.get(user_id)
        agreed = Commission(user_id, basis_points, self.clock())
        await self.commissions.put(agreed)
        await self.audit.note(
            actor, "commission.agreed", ("user", user_id), before=before, after=agreed
        )
        return agreed

    async def end(self, actor: Actor, user_id: UUID) -> None:
        """Go back to the usual share."""
        policy.ensure_can_manage_payouts(actor)
        before = await self.commissions.get(user_id)
        if before is None or not await self.commissions.remove(user_id):
            raise CommissionNotFound
        await self.audit.note(actor, "commission.ended", ("user", user_id), before=before)
