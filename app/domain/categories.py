"""The vocabulary of the catalog's tree."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.errors import NotFound


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


class CategoryNotFound(NotFound):
    """There is no such category."""
