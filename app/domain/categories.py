"""The vocabulary of the catalog's tree."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Category:
    id: UUID
    parent_id: UUID | None
    name: str
    slug: str
    description: str | None
    position: int
    created_at: datetime
    updated_at: datetime


class CategorySort(StrEnum):
    POSITION = "position"
    POSITION_DOWN = "-position"
    NAME = "name"
    NAME_DOWN = "-name"
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class CategoryFilter:
    """Which categories to list; None means any."""

    parent_id: UUID | None = None
    root: bool | None = None


class CategoryNotFound(NotFound):
    """There is no such category."""


class CategoryInUse(Conflict):
    """There are categories or services in it."""


class SlugTaken(Conflict):
    """Another one has this slug."""


class UnknownParent(Invalid):
    """There is no such category to put it into."""

    pointer = "#/parent_id"


class CategoryCycle(Invalid):
    """A category can't be inside itself."""

    pointer = "#/parent_id"
