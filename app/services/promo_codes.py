"""Promo codes, as those keep them who sell."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.promo_codes import (
    PromoCode,
    PromoCodeDraft,
    PromoCodeFilter,
    PromoCodeNotFound,
    PromoCodeSort,
    PromoScopeUnknown,
    drafted,
    ensure_in_order,
)
from app.policies import promo_codes as policy
from app.repositories.promo_codes import PromoCodeRepository
from app.services.audit import AuditService


class PromoCodeService:
    def __init__(self, codes: PromoCodeRepository, audit: AuditService, clock: Clock) -> None:
        self.codes = codes
        self.audit = audit
        self.clock = clock

    async def add(self, actor: Actor, draft: PromoCodeDraft) -> PromoCode:
        """Make a code for what the actor sells; of administrators, for an event or everything."""
        policy.ensure_can_promote(actor)
        code = drafted(draft, owner_id=await self._owner(actor, draft), now=self.clock())
        await self.codes.add(code)
        await self._note(actor, "promo_code.added", None, code)
        return code

    async def get(self, actor: Actor, promo_code_id: UUID) -> PromoCode:
        return _visible(actor, await self.codes.get(promo_code_id))

    async def lock(self, actor: Actor, promo_code_id: UUID) -> PromoCode:
        return _visible(actor, await self.codes.lock(promo_code_id))

    async def list(
        self, actor: Actor, wanted: PromoCodeFilter, request: PageRequest[PromoCodeSort]
    ) -> Page[PromoCode]:
        return await self.codes.matching(policy.narrow(actor, wanted), request)

    async def change(
        self, actor: Actor, promo_code_id: UUID, given: Mapping[str, Any]
    ) -> PromoCode:
        """Change how often and when it may be used, or end it; it must not be used more often."""
        current = await self.lock(actor, promo_code_id)
        changed = replace(current, **given)
        if changed == current:
            return current
        changed = replace(changed, updated_at=self.clock())
        ensure_in_order(changed)
        await self.codes.change(changed)
        await self._note(actor, "promo_code.changed", current, changed)
        return changed

    async def _owner(self, actor: Actor, draft: PromoCodeDraft) -> UUID | None:
        """Return whose code it is to be, of what it names; refused with PromoScopeUnknown."""
        owner = None if policy.manages(actor) else actor.user_id
        if draft.event_id is not None:
            organizer = await self.codes.organizer(draft.event_id)
            if organizer is None or owner not in (None, organizer):
                raise PromoScopeUnknown
            await self._ensure_types(draft)
            return organizer
        if draft.service_id is not None:
            sellers = await self.codes.sellers(draft.service_id)
            if sellers is None or (owner is not None and owner not in sellers):
                raise PromoScopeUnknown().at("#/service_id")
        return owner

    async def _ensure_types(self, draft: PromoCodeDraft) -> None:
        if draft.event_id is not None and draft.ticket_type_ids is not None:
            known = await self.codes.ticket_types(draft.event_id)
            if not set(draft.ticket_type_ids) <= set(known):
                raise PromoScopeUnknown().at("#/ticket_type_ids")

    async def _note(
        self, actor: Actor, action: str, before: PromoCode | None, after: PromoCode
    ) -> None:
        await self.audit.note(actor, action, ("promo_code", after.id), before=before, after=after)


def _visible(actor: Actor, code: PromoCode | None) -> PromoCode:
    if code is None or not policy.can_see(actor, code):
        raise PromoCodeNotFound
    return code
