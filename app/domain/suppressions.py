"""The vocabulary of addresses that nobody is behind, and that are not written to any more."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import NotFound
from app.core.ids import new_id
from app.domain.notifications import Channel


class SuppressionSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


class SuppressionNotFound(NotFound):
    """There is no such suppressed address."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """`reason` is what was answered there: `smtp 550`."""

    id: UUID
    channel: Channel
    address: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SuppressionFilter:
    """Which addresses to list; None means any."""

    channel: Channel | None = None
    address: str | None = None


def suppressed(channel: Channel, address: str, *, reason: str, now: datetime) -> Suppression:
    return Suppression(new_id(), channel, address, reason, now)
