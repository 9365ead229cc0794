"""Every statement about the catalog's tree."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.categories import (
    Category,
    CategoryFilter,
    CategoryInUse,
    CategorySort,
    SlugTaken,
    UnknownParent,
)
from app.models import Categories
from app.repositories.base import Listing, columns, parameters, values

COLUMNS: Final = columns(Categories, Category)
CHANGING: Final = ("parent_id", "name", "slug", "description", "position", "updated_at")
WRITTEN: Final = {
    "uq_categories_slug": SlugTaken,
    "fk_categories_parent_id_categories": UnknownParent,
}
TREE: Final = "categories"


def within(top: ColumnElement[bool]) -> Select[Any]:
    """Select the ids of the categories that match, and of all below them."""
    tree = select(Categories.id).where(top).cte("category_tree", recursive=True)
    below = select(Categories.id).where(Categories.parent_id == tree.c.id)
    return select(tree.union(below).c.id)


WITHIN_ID: Final = within(Categories.id == bindparam("category_id"))
WITHIN_SLUG: Final = within(Categories.slug == bindparam("category_slug"))

BY_ID: Final = Query(select(*COLUMNS).where(Categories.id == bindparam("id")), Category)
LOCK: Final = Query(
    select(*COLUMNS).where(Categories.id == bindparam("id")).with_for_update(key_share=True),
    Category,
)
LOCK_TREE: Final = Command(
    select(func.pg_advisory_xact_lock(func.hashtextextended(literal(TREE), 0)))
)
IS_WITHIN: Final = Query(
    select(
        bindparam("inner_id", type_=Categories.id.type)
        .in_(within(Categories.id == bindparam("outer_id")))
        .cast(Boolean)
    ),
    bool,
)
SLUGS_LIKE: Final = Query(
    select(Categories.slug).where(
        or_(
            Categories.slug == bindparam("slug"),
            Categories.slug.like(bindparam("slug", type_=Categories.slug.type) + "-%"),
        )
    ),
    str,
)
ADD: Final = Command(
    insert(Categories).values(parameters(Categories, Category)), violations=WRITTEN
)
CHANGE: Final = Command(
    update(Categories)
    .where(Categories.id == bindparam("of"))
    .values({name: bindparam(name, type_=Categories.__table__.c[name].type) for name in CHANGING}),
    violations=WRITTEN,
)
REMOVE: Final = Command(
    delete(Categories).where(Categories.id == bindparam("id")),
    violations={
        "fk_categories_parent_id_categories": CategoryInUse,
        "fk_offerings_category_id_categories": CategoryInUse,
        "fk_events_category_id_categories": CategoryInUse,
    },
)

MATCHING: Final = Listing(
    Categories,
    Category,
    filters={
        "parent_id": Categories.parent_id == bindparam("parent_id"),
        "root": Categories.parent_id.is_(None) == bindparam("root", type_=Boolean),
    },
    sorts={
        "position": Categories.position,
        "name": Categories.name,
        "created_at": Categories.created_at,
    },
)


class CategoryRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, category_id: UUID) -> Category | None:
        return await self.connection.first(BY_ID, id=category_id)

    async def lock(self, category_id: UUID) -> Category | None:
        """Return it locked until the transaction ends."""
        return await self.connection.first(LOCK, id=category_id)

    async def lock_tree(self) -> None:
        """Let nobody else add or move a category until the transaction ends."""
        await self.connection.run(LOCK_TREE)

    async def is_within(self, category_id: UUID, outer_id: UUID) -> bool:
        """Tell whether it is the outer one or below it."""
        found = await self.connection.first(IS_WITHIN, inner_id=category_id, outer_id=outer_id)
        return found is True

    async def slugs_like(self, slug: str) -> set[str]:
        """Return the slug and those that go on after a hyphen, as far as they are taken."""
        return set(await self.connection.all(SLUGS_LIKE, slug=slug))

    async def add(self, category: Category) -> None:
        """Insert it; refuse a slug that is taken and a parent that doesn't exist."""
        await self.connection.run(ADD, **values(category))

    async def change(self, category: Category) -> None:
        """Write it over what is there; refuse as `add` does."""
        written = {name: getattr(category, name) for name in CHANGING}
        await self.connection.run(CHANGE, of=category.id, **written)

    async def remove(self, category_id: UUID) -> None:
        """Delete it; refuse while there is something in it."""
        await self.connection.run(REMOVE, id=category_id)

    async def matching(
        self, wanted: CategoryFilter, request: PageRequest[CategorySort]
    ) -> Page[Category]:
        return await MATCHING.page(self.connection, wanted, request)
