"""What the platform keeps of what a seller earns: the usual share, or one of their own."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import NotFound


class CommissionNotFound(NotFound):
    """This account has no commission of its own."""


class CommissionSort(StrEnum):
    OLDEST = "updated_at"
    NEWEST = "-updated_at"


@dataclass(frozen=True, slots=True)
class Commission:
    """`basis_points` are hundredths of a percent."""

    user_id: UUID
    basis_points: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CommissionFilter:
    """Whose to list; None means any."""

    user_id: UUID | None = None
