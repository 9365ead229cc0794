"""The vocabulary of what can be booked with a provider; a "service" on the wire."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import NotFound
from app.core.money import Money


class OfferingStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class PaymentTerms(StrEnum):
    PREPAID = "prepaid"
    ON_SITE = "on_site"
    FREE = "free"


class OfferingNotFound(NotFound):
    """There is no such service."""


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """Free until so many minutes before the start; after that a share of the price is due."""

    free_until_minutes: int = 0
    late_fee_percent: int = 0


@dataclass(frozen=True, slots=True)
class Offering:
    id: UUID
    owner_id: UUID
    category_id: UUID | None
    name: str
    description: str | None
    tags: list[str]
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    slot_step_minutes: int
    min_notice_minutes: int
    max_horizon_days: int
    price_amount: int
    price_currency: str
    payment: PaymentTerms
    approval_required: bool
    free_until_minutes: int
    late_fee_percent: int
    status: OfferingStatus
    rating_average: float
    rating_count: int
    created_at: datetime
    updated_at: datetime

    @property
    def price(self) -> Money:
        return Money(self.price_amount, self.price_currency)

    @property
    def cancellation_policy(self) -> CancellationPolicy:
        return CancellationPolicy(self.free_until_minutes, self.late_fee_percent)


@dataclass(frozen=True, slots=True)
class Performance:
    """One provider's own terms for an offering; None where the offering's hold."""

    offering_id: UUID
    provider_id: UUID
    price_amount: int | None
    duration_minutes: int | None
