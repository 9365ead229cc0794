"""The vocabulary of what can be booked with a provider; a "service" on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.ids import new_id
from app.core.money import Money
from app.domain.captures import CaptureMode
from app.domain.deposits import (
    Deposit,
    DepositExceedsPrice,
    DepositInOtherCurrency,
    DepositOfNothing,
    DepositRest,
    deposit_of,
)
from app.domain.fees import NoShowFee, NoShowFeeInOtherCurrency, no_show_fee_of
from app.domain.reminders import REMINDED

# Terms of an offering that its maker leaves out; the rest follows from others, in `offered`.
DEFAULTS: Final[Mapping[str, Any]] = {
    "category_id": None,
    "description": None,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "min_notice_minutes": 60,
    "max_horizon_days": 60,
    "approval_required": False,
    "free_until_minutes": 0,
    "late_fee_percent": 0,
    "no_show_fee_percent": None,
    "no_show_fee_amount": None,
    "no_show_fee_currency": None,
    "reminder_minutes": REMINDED,
    "deposit_percent": None,
    "deposit_amount": None,
    "deposit_currency": None,
    "deposit_rest": None,
    "capture": CaptureMode.AUTOMATIC,
}
LONGEST_STEP: Final = 30  # minutes between two starts, unless another step is asked for


class OfferingStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class PaymentTerms(StrEnum):
    PREPAID = "prepaid"
    ON_SITE = "on_site"
    FREE = "free"


class OfferingSort(StrEnum):
    """`relevance`: what is nearest to the words of a search first."""

    RELEVANCE = "relevance"
    NAME = "name"
    NAME_DOWN = "-name"
    CHEAPEST = "price"
    DEAREST = "-price"
    WORST = "rating"
    BEST = "-rating"
    OLDEST = "created_at"
    NEWEST = "-created_at"


class OfferingNotFound(NotFound):
    """There is no such service."""

    code = "service-not-found"  # the word of the wire


class UnknownCategory(Invalid):
    """There is no such category to put it into."""

    pointer = "#/category_id"


class PriceContradictsPayment(Invalid):
    """What is free costs nothing, and what costs nothing is free."""

    pointer = "#/price"


class OwnPricesStand(Conflict):
    """Providers have prices of their own for it; take those away first."""


@dataclass(frozen=True, slots=True)
class CancellationPolicy:
    """Free until so many minutes before the start; after that a share of the price is due.

    Not coming costs the `no_show_fee`, or as much as cancelling late where there is none.
    """

    free_until_minutes: int = 0
    late_fee_percent: int = 0
    no_show_fee: NoShowFee | None = None


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
    no_show_fee_percent: int | None
    no_show_fee_amount: int | None
    no_show_fee_currency: str | None
    reminder_minutes: list[int]
    deposit_percent: int | None
    deposit_amount: int | None
    deposit_currency: str | None
    deposit_rest: DepositRest | None
    capture: CaptureMode
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
        return CancellationPolicy(
            self.free_until_minutes,
            self.late_fee_percent,
            no_show_fee_of(self.no_show_fee_percent, self.no_show_fee_amount),
        )

    @property
    def deposit(self) -> Deposit | None:
        return deposit_of(self.deposit_percent, self.deposit_amount, self.deposit_rest)


@dataclass(frozen=True, slots=True)
class Performance:
    """One provider's own terms for an offering; None where the offering's hold."""

    offering_id: UUID
    provider_id: UUID
    price_amount: int | None
    duration_minutes: int | None


class CatalogEntry(NamedTuple):
    """An offering as lists show it: with the name of its category.

    A tuple, since a list makes twenty of these at once and a frozen dataclass of so many fields
    takes eight times as long to make. The fields are those of Offering, in their order, and more.
    """

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
    no_show_fee_percent: int | None
    no_show_fee_amount: int | None
    no_show_fee_currency: str | None
    reminder_minutes: list[int]
    deposit_percent: int | None
    deposit_amount: int | None
    deposit_currency: str | None
    deposit_rest: DepositRest | None
    capture: CaptureMode
    status: OfferingStatus
    rating_average: float
    rating_count: int
    created_at: datetime
    updated_at: datetime
    category_name: str | None
    category_slug: str | None


@dataclass(frozen=True, slots=True)
class PerformedBy:
    """Who performs an offering, at the price and in the time that hold for them."""

    provider_id: UUID
    name: str
    price_amount: int
    duration_minutes: int


@dataclass(frozen=True, slots=True)
class CatalogItem(Offering):
    """An offering as it is shown by itself: also with the providers who can be booked for it."""

    category_name: str | None
    category_slug: str | None
    providers: list[PerformedBy]


@dataclass(frozen=True, slots=True)
class OfferingFilter:
    """Which offerings to list; None means any. `category_id` and `category_slug` reach down."""

    q: str | None = None
    category_id: UUID | None = None
    category_slug: str | None = None
    tag: str | None = None
    provider_id: UUID | None = None
    price_min: int | None = None
    price_max: int | None = None
    currency: str | None = None
    rating_min: float | None = None
    status: OfferingStatus | None = None
    owner_id: UUID | None = None


def offered(given: Mapping[str, Any], *, owner_id: UUID, now: datetime) -> Offering:
    """Return the offering made of these fields; what is missing takes its default."""
    free = given["price_amount"] == 0
    usual = PaymentTerms.PREPAID if given.get("deposit_rest") else PaymentTerms.ON_SITE
    implied = {
        "tags": [],
        "slot_step_minutes": min(LONGEST_STEP, given["duration_minutes"]),
        "payment": PaymentTerms.FREE if free else usual,
        "status": OfferingStatus.ACTIVE,
    }
    offering = Offering(
        id=new_id(),
        owner_id=owner_id,
        rating_average=0.0,
        rating_count=0,
        created_at=now,
        updated_at=now,
        **{**DEFAULTS, **implied, **given},
    )
    _ensure_consistent(offering)
    return offering


def changed(offering: Offering, given: Mapping[str, Any], *, now: datetime) -> Offering:
    """Return the offering with these fields; the very same where nothing would change."""
    if all(getattr(offering, name) == value for name, value in given.items()):
        return offering
    new = replace(offering, **given, updated_at=now)
    _ensure_consistent(new)
    return new


def _ensure_consistent(offering: Offering) -> None:
    if (offering.payment is PaymentTerms.FREE) != (offering.price_amount == 0):
        raise PriceContradictsPayment
    if offering.deposit is not None:
        _ensure_deposit(offering)
    if offering.no_show_fee_currency not in (None, offering.price_currency):
        raise NoShowFeeInOtherCurrency


def _ensure_deposit(offering: Offering) -> None:
    if offering.payment is PaymentTerms.FREE:
        raise DepositOfNothing
    if offering.deposit_amount is None:
        return
    if offering.deposit_currency != offering.price_currency:
        raise DepositInOtherCurrency
    if offering.deposit_amount > offering.price_amount:
        raise DepositExceedsPrice
