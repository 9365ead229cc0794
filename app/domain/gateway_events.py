"""What gateways told: every delivery whose signature was good, once, as it came."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import NotFound
from app.domain.payments import GatewayName


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """`failure` is why it had no effect; `target` and `headers` are not kept: it was believed."""

    id: UUID
    gateway: GatewayName
    event_id: str
    kind: str
    payment_id: UUID | None
    body: bytes
    received_at: datetime
    failure: str | None


class GatewayEventSort(StrEnum):
    OLDEST = "received_at"
    NEWEST = "-received_at"


@dataclass(frozen=True, slots=True)
class GatewayEventFilter:
    """Which deliveries to list; None means any."""

    gateway: GatewayName | None = None
    payment_id: UUID | None = None
    received_from: datetime | None = None
    failed: bool | None = None


class GatewayEventNotFound(NotFound):
    """There is no such delivery."""


class GatewayUnknown(NotFound):
    """Nobody takes payments that way here."""
