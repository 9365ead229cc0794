"""Looking after the addresses that nobody is behind."""

from uuid import UUID

from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.suppressions import (
    Suppression,
    SuppressionFilter,
    SuppressionNotFound,
    SuppressionSort,
)
from app.policies import notifications as policy
from app.repositories.suppressions import SuppressionRepository
from app.services.audit import AuditService


class SuppressionService:
    def __init__(self, suppressions: SuppressionRepository, audit: AuditService) -> None:
        self.suppressions = suppressions
        self.audit = audit

    async def list(
        self, actor: Actor, wanted: SuppressionFilter, request: PageRequest[SuppressionSort]
    ) -> Page[Suppression]:
        policy.ensure_can_manage(actor)
        return await self.suppressions.matching(wanted, request)

    async def remove(self, actor: Actor, suppression_id: UUID) -> None:
        """Let an address be written to again; refuse with SuppressionNotFound."""
        policy.ensure_can_manage(actor)
        if await self.suppressions.remove(suppression_id) is None:
            raise SuppressionNotFound
        await self.audit.note(actor, "suppression.removed", ("suppression", suppression_id))
