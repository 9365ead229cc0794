"""Days on which the whole business is closed."""

from datetime import date
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.audit import IMPERSONAL
from app.domain.closures import (
    Closure,
    ClosureFilter,
    ClosureNotFound,
    ClosureSort,
    ensure_in_order,
)
from app.policies import providers as policy
from app.repositories.closures import ClosureRepository
from app.services.audit import AuditService
from app.services.hours import HoursService


class ClosureService:
    def __init__(
        self,
        closures: ClosureRepository,
        hours: HoursService,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.closures = closures
        self.hours = hours
        self.audit = audit
        self.clock = clock

    async def close(
        self, actor: Actor, first_day: date, last_day: date, *, name: str, force: bool
    ) -> Closure:
        """Close the business; refuse with HasBookings if somebody is to come, unless they may."""
        policy.ensure_can_close(actor)
        ensure_in_order(first_day, last_day)
        await self.hours.lock_all()
        if not force:
            await self.hours.ensure_nobody_displaced(
                None, first_day, last_day, lambda plan: plan.closed(first_day, last_day)
            )
        closure = Closure(new_id(), first_day, last_day, name, self.clock())
        await self.closures.add(closure)
        await self.hours.changed_of_all()
        await self.audit.note(
            actor, "closure.created", ("closure", closure.id), after=closure, personal=IMPERSONAL
        )
        return closure

    async def remove(self, actor: Actor, closure_id: UUID) -> None:
        """Open again on days that were closed."""
        policy.ensure_can_close(actor)
        await self.hours.lock_all()
        removed = await self.closures.remove(closure_id)
        if removed is None:
            raise ClosureNotFound
        await self.hours.changed_of_all()
        await self.audit.note(
            actor, "closure.removed", ("closure", closure_id), before=removed, personal=IMPERSONAL
        )

    async def list(self, wanted: ClosureFilter, request: PageRequest[ClosureSort]) -> Page[Closure]:
        return await self.closures.matching(wanted, request)
