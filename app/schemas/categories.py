"""Categories as the API shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.categories import Category, CategoryFilter, CategorySort
from app.schemas.base import ABSENT, Id, Line, ListQuery, Request, Text, Whole

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_TIME = "2030-03-04T09:00:00Z"
Name = Annotated[Line, Field(min_length=1, max_length=100, examples=["Hair"])]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120, examples=["hair"])]
Description = Annotated[Text, Field(max_length=1000, examples=["Cuts, colours and care."])]
Position = Annotated[Whole, Field(ge=0, le=10_000, examples=[0])]


class CategoryUpdate(Request):
    """What is left out stays as it is."""

    name: Name = ABSENT
    slug: Slug = ABSENT
    parent_id: Id | None = ABSENT
    """The category it is in; null puts it at the top."""
    description: Description | None = ABSENT
    position: Position = ABSENT
    """Where it stands among its siblings, the lowest first."""


class CategoryCreate(CategoryUpdate):
    name: Name
    slug: Slug = ABSENT
    """Made of the name unless given."""


class CategoryRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    parent_id: Annotated[UUID | None, Field(examples=[None])]
    name: Annotated[str, Field(examples=["Hair"])]
    slug: Annotated[str, Field(examples=["hair"])]
    description: Annotated[str | None, Field(examples=["Cuts, colours and care."])]
    position: Annotated[int, Field(examples=[0])]
    created_at: Annotated[datetime, Field(examples=[SOME_TIME])]
    updated_at: Annotated[datetime, Field(examples=[SOME_TIME])]


def category_read(category: Category) -> CategoryRead:
    return {
        "id": category.id,
        "parent_id": category.parent_id,
        "name": category.name,
        "slug": category.slug,
        "description": category.description,
        "position": category.position,
        "created_at": category.created_at,
        "updated_at": category.updated_at,
    }


class CategoryQuery(ListQuery):
    sort: CategorySort = CategorySort.POSITION
    parent_id: Id | None = None
    """Those right below this one."""
    root: bool | None = None
    """Those at the top, or all others."""

    def wanted(self) -> CategoryFilter:
        return CategoryFilter(self.parent_id, self.root)

    def page(self) -> PageRequest[CategorySort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
