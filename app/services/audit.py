"""What those who work here do: written down in the transaction that does it, and read."""

from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.audit import (
    PERSONAL,
    AuditEntry,
    AuditFilter,
    AuditSort,
    acts_as_staff,
    changed,
)
from app.domain.origins import Origin
from app.policies import audit as policy
from app.repositories.audit import AuditRepository


class AuditService:
    def __init__(self, entries: AuditRepository, clock: Clock, origin: Origin) -> None:
        self.entries = entries
        self.clock = clock
        self.origin = origin

    async def note(
        self,
        actor: Actor | None,
        action: str,
        target: tuple[str, UUID | None],
        *,
        before: Any = None,
        after: Any = None,
        personal: frozenset[str] = PERSONAL,
    ) -> None:
        """Keep an act of staff, such as `user.roles_changed`; of others nothing is kept.

        `target` is what kind of thing it was done to, and its id. `before` and `after` are
        dataclasses of it as it was and is; of their `personal` fields no value is kept. No actor
        means the command line.
        """
        if not acts_as_staff(actor):
            return
        old, new = changed(before, after, personal=personal)
        await self.entries.add(
            AuditEntry(
                id=new_id(),
                created_at=self.clock(),
                actor_id=actor.user_id if actor else None,
                actor_roles=sorted(actor.roles) if actor else [],
                action=action,
                target_kind=target[0],
                target_id=target[1],
                before=old,
                after=new,
                ip=self.origin.ip,
                request_id=self.origin.request_id,
            )
        )

    async def list(
        self, actor: Actor, wanted: AuditFilter, request: PageRequest[AuditSort]
    ) -> Page[AuditEntry]:
        policy.ensure_can_read(actor)
        return await self.entries.matching(wanted, request)
