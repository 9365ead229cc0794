"""Arranging the catalog's tree."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.slugs import free_slug, slug_of
from app.domain.actors import Actor
from app.domain.audit import IMPERSONAL
from app.domain.categories import (
    Category,
    CategoryCycle,
    CategoryFilter,
    CategoryNotFound,
    CategorySort,
)
from app.policies import categories as policy
from app.repositories.categories import CategoryRepository
from app.services.audit import AuditService


class CategoryService:
    def __init__(self, categories: CategoryRepository, audit: AuditService, clock: Clock) -> None:
        self.categories = categories
        self.audit = audit
        self.clock = clock

    async def get(self, category_id: UUID) -> Category:
        return _found(await self.categories.get(category_id))

    async def create(
        self,
        actor: Actor,
        *,
        name: str,
        slug: str | None = None,
        parent_id: UUID | None = None,
        description: str | None = None,
        position: int = 0,
    ) -> Category:
        """Add a category; without a slug it gets a free one made of its name."""
        policy.ensure_can_arrange(actor)
        await self.categories.lock_tree()
        slug, now = slug or await self._free_slug(name), self.clock()
        category = Category(new_id(), parent_id, name, slug, description, position, now, now)
        await self.categories.add(category)
        await self.audit.note(
            actor,
            "category.created",
            ("category", category.id),
            after=category,
            personal=IMPERSONAL,
        )
        return category

    async def lock(self, actor: Actor, category_id: UUID) -> Category:
        """Return the category, and the tree as it is, locked until the transaction ends."""
        policy.ensure_can_arrange(actor)
        await self.categories.lock_tree()
        return _found(await self.categories.lock(category_id))

    async def change(self, actor: Actor, category: Category, given: Mapping[str, Any]) -> Category:
        """Change what `lock` returned; refuse to put it into itself."""
        changed = replace(category, **given)
        if changed == category:
            return category
        if changed.parent_id not in (None, category.parent_id):
            await self._ensure_outside(changed.parent_id, category.id)
        changed = replace(changed, updated_at=self.clock())
        await self.categories.change(changed)
        await self.audit.note(
            actor,
            "category.changed",
            ("category", category.id),
            before=category,
            after=changed,
            personal=IMPERSONAL,
        )
        return changed

    async def remove(self, actor: Actor, category: Category) -> None:
        """Delete what `lock` returned; refuse while there is something in it."""
        await self.categories.remove(category.id)
        await self.audit.note(
            actor,
            "category.removed",
            ("category", category.id),
            before=category,
            personal=IMPERSONAL,
        )

    async def list(
        self, wanted: CategoryFilter, request: PageRequest[CategorySort]
    ) -> Page[Category]:
        return await self.categories.matching(wanted, request)

    async def _free_slug(self, name: str) -> str:
        slug = slug_of(name) or "category"
        return free_slug(slug, await self.categories.slugs_like(slug))

    async def _ensure_outside(self, parent_id: UUID, category_id: UUID) -> None:
        if await self.categories.is_within(parent_id, category_id):
            raise CategoryCycle


def _found(category: Category | None) -> Category:
    if category is None:
        raise CategoryNotFound
    return category
