"""Offerings as the API shows them: as services."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from app.core import money
from app.core.listing import PageRequest
from app.domain.captures import CaptureMode
from app.domain.deposits import deposit_of
from app.domain.fees import no_show_fee_of
from app.domain.offerings import (
    CatalogEntry,
    CatalogItem,
    OfferingFilter,
    OfferingSort,
    OfferingStatus,
    PaymentTerms,
    PerformedBy,
)
from app.domain.reminders import LONGEST_LEAD, MOST_LEADS, STEP
from app.domain.staffing import NamedProvider
from app.schemas.base import (
    ABSENT,
    Currency,
    Flag,
    Id,
    Line,
    Money,
    MoneyGiven,
    Number,
    Rating,
    Request,
    SearchQuery,
    Text,
    Whole,
    changes,
    rating_read,
)
from app.schemas.bookings import CancellationPolicyRead
from app.schemas.deposits import DepositGiven, DepositRead, deposit_fields, deposit_read
from app.schemas.fees import NoShowFeeGiven, no_show_fee_fields, no_show_fee_read
from app.schemas.tags import Tag

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_TIME = "2030-03-04T09:00:00Z"
SOME_TEXT = "Wash, cut and blow-dry."
YEAR = 525_600  # minutes


def _unique(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


def _longest_first(leads: list[int]) -> list[int]:
    return sorted(set(leads), reverse=True)


Lead = Annotated[Whole, Field(ge=STEP, le=LONGEST_LEAD, multiple_of=STEP, examples=[120])]
Name = Annotated[Line, Field(min_length=1, max_length=150, examples=["Haircut"])]
Description = Annotated[Text, Field(max_length=5000, examples=[SOME_TEXT])]
Tags = Annotated[
    list[Tag], AfterValidator(_unique), Field(max_length=20, examples=[["beard", "men"]])
]
Minutes = Annotated[Whole, Field(ge=1, le=1440, examples=[45])]
Reminders = Annotated[
    list[Lead],
    AfterValidator(_longest_first),
    Field(max_length=MOST_LEADS, examples=[[1440, 120]]),
]
Buffer = Annotated[Whole, Field(ge=0, le=480, examples=[10])]
Notice = Annotated[Whole, Field(ge=0, le=YEAR, examples=[120])]
Horizon = Annotated[Whole, Field(ge=1, le=730, examples=[60])]
CategoryGiven = Annotated[Line, Field(min_length=1, max_length=120, examples=["hair"])]
Amount = Annotated[Number, Field(ge=0, le=money.LARGEST, examples=[4500])]
Stars = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False, examples=[4.5])]


class CancellationPolicyGiven(Request):
    """Free until so many minutes before the start; after that a share of the price is due."""

    free_until_minutes: Annotated[Whole, Field(ge=0, le=YEAR, examples=[1440])]
    late_fee_percent: Annotated[Whole, Field(ge=0, le=100, examples=[50])]
    no_show_fee: NoShowFeeGiven | None = ABSENT
    """What not coming costs; null where as much as cancelling late."""


def policy_fields(policy: CancellationPolicyGiven) -> dict[str, Any]:
    """Return what is given of it, by the names of the domain."""
    given = changes(policy)
    if "no_show_fee" in given:
        given |= no_show_fee_fields(given.pop("no_show_fee"))
    return given


class ServiceUpdate(Request):
    """What is left out stays as it is."""

    name: Name = ABSENT
    description: Description | None = ABSENT
    category_id: Id | None = ABSENT
    tags: Tags = ABSENT
    """Kept in lower case, each once."""
    duration_minutes: Minutes = ABSENT
    buffer_before_minutes: Buffer = ABSENT
    buffer_after_minutes: Buffer = ABSENT
    price: MoneyGiven = ABSENT
    """Nothing where the payment is `free`, and only there."""
    slot_step_minutes: Minutes = ABSENT
    """How far apart the times are at which it can start."""
    min_notice_minutes: Notice = ABSENT
    max_horizon_days: Horizon = ABSENT
    approval_required: Flag = ABSENT
    payment: PaymentTerms = ABSENT
    cancellation_policy: CancellationPolicyGiven = ABSENT
    reminder_minutes: Reminders = ABSENT
    """How long before the start customers are reminded; none: not at all."""
    deposit: DepositGiven | None = ABSENT
    """What is paid at once; the payment is then `prepaid`, unless another is given."""
    capture: CaptureMode = ABSENT
    """`manual`: a card is charged when a request is granted or at the visit, not when booked."""
    status: OfferingStatus = ABSENT

    def fields(self) -> dict[str, Any]:
        """Return what is given, by the names of the domain."""
        given = changes(self)
        if "price" in given:
            price = given.pop("price").value()
            given |= {"price_amount": price.amount, "price_currency": price.currency}
        if "cancellation_policy" in given:
            given |= policy_fields(given.pop("cancellation_policy"))
        if "deposit" in given:
            given |= deposit_fields(given.pop("deposit"))
        return given


class ServiceCreate(ServiceUpdate):
    """What is left out takes its default.

    No buffers, free cancellation, reminders a day and two hours before, a step of 30 minutes (or
    the duration, where that is less), an hour's notice, 60 days ahead, paid on site (or free, where
    the price is nothing), active.
    """

    name: Name
    duration_minutes: Minutes
    price: MoneyGiven


class ServiceProviderGiven(Request):
    provider_id: Id
    price: MoneyGiven | None = None
    """Their own, in the service's currency; the service's without."""
    duration_minutes: Minutes | None = None
    """Their own; the service's without."""

    def named(self) -> NamedProvider:
        price = self.price.value() if self.price else None
        return NamedProvider(self.provider_id, price, self.duration_minutes)


class ServiceProvidersPut(Request):
    providers: Annotated[list[ServiceProviderGiven], Field(max_length=200)]

    def named(self) -> list[NamedProvider]:
        return [one.named() for one in self.providers]


class ServiceCategoryRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    name: Annotated[str, Field(examples=["Hair"])]
    slug: Annotated[str, Field(examples=["hair"])]


class ServiceRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    name: Annotated[str, Field(examples=["Haircut"])]
    description: Annotated[str | None, Field(examples=[SOME_TEXT])]
    category: ServiceCategoryRead | None
    category_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    tags: Annotated[list[str], Field(examples=[["beard", "men"]])]
    duration_minutes: Annotated[int, Field(examples=[45])]
    buffer_before_minutes: Annotated[int, Field(examples=[0])]
    buffer_after_minutes: Annotated[int, Field(examples=[10])]
    price: Money
    slot_step_minutes: Annotated[int, Field(examples=[30])]
    min_notice_minutes: Annotated[int, Field(examples=[60])]
    max_horizon_days: Annotated[int, Field(examples=[60])]
    approval_required: Annotated[bool, Field(examples=[False])]
    payment: PaymentTerms
    cancellation_policy: CancellationPolicyRead
    reminder_minutes: Annotated[list[int], Field(examples=[[1440, 120]])]
    deposit: DepositRead | None
    capture: CaptureMode
    status: OfferingStatus
    rating: Rating
    owner_id: Annotated[UUID, Field(examples=[SOME_ID])]
    created_at: Annotated[datetime, Field(examples=[SOME_TIME])]
    updated_at: Annotated[datetime, Field(examples=[SOME_TIME])]


class ServiceProviderRead(TypedDict):
    """Who performs it, at the price and in the time that hold for them."""

    provider_id: Annotated[UUID, Field(examples=[SOME_ID])]
    name: Annotated[str, Field(examples=["Vera Barber"])]
    price: Money
    duration_minutes: Annotated[int, Field(examples=[45])]


class ServiceDetailRead(ServiceRead):
    """A service by itself: also with the providers who can be booked for it."""

    providers: list[ServiceProviderRead]


def service_read(entry: CatalogEntry | CatalogItem) -> ServiceRead:
    deposit = deposit_of(entry.deposit_percent, entry.deposit_amount, entry.deposit_rest)
    return {
        "id": entry.id,
        "name": entry.name,
        "description": entry.description,
        "category": _category_read(entry),
        "category_id": entry.category_id,
        "tags": entry.tags,
        "duration_minutes": entry.duration_minutes,
        "buffer_before_minutes": entry.buffer_before_minutes,
        "buffer_after_minutes": entry.buffer_after_minutes,
        "price": {"amount": entry.price_amount, "currency": entry.price_currency},
        "slot_step_minutes": entry.slot_step_minutes,
        "min_notice_minutes": entry.min_notice_minutes,
        "max_horizon_days": entry.max_horizon_days,
        "approval_required": entry.approval_required,
        "payment": entry.payment,
        "cancellation_policy": {
            "free_until_minutes": entry.free_until_minutes,
            "late_fee_percent": entry.late_fee_percent,
            "no_show_fee": no_show_fee_read(
                no_show_fee_of(entry.no_show_fee_percent, entry.no_show_fee_amount),
                entry.price_currency,
            ),
        },
        "reminder_minutes": entry.reminder_minutes,
        "deposit": deposit_read(deposit, entry.price_currency),
        "capture": entry.capture,
        "status": entry.status,
        "rating": rating_read(entry.rating_average, entry.rating_count),
        "owner_id": entry.owner_id,
        "created_at": entry.created_at,
        "updated_at": entry.updated_at,
    }


def _category_read(entry: CatalogEntry | CatalogItem) -> ServiceCategoryRead | None:
    if entry.category_id is None:
        return None
    return {
        "id": entry.category_id,
        "name": entry.category_name or "",
        "slug": entry.category_slug or "",
    }


def service_detail_read(item: CatalogItem) -> ServiceDetailRead:
    currency = item.price_currency
    return {
        **service_read(item),
        "providers": [_provider_read(one, currency) for one in item.providers],
    }


def _provider_read(one: PerformedBy, currency: str) -> ServiceProviderRead:
    return {
        "provider_id": one.provider_id,
        "name": one.name,
        "price": {"amount": one.price_amount, "currency": currency},
        "duration_minutes": one.duration_minutes,
    }


class ServiceQuery(SearchQuery):
    sort: OfferingSort | None = None
    """By default the best match first where `q` is given, else by name."""
    category: CategoryGiven | None = None
    """The id or the slug of a category; what is in those below it is found too."""
    tag: Tag | None = None
    provider_id: Id | None = None
    """Performed by this provider."""
    price_min: Amount | None = None
    """In minor units, as are all prices."""
    price_max: Amount | None = None
    currency: Currency | None = None
    rating_min: Stars | None = None
    status: OfferingStatus | None = None
    """Others than active ones are shown to their owners and to administrators."""
    mine: bool = False
    """One's own, whatever their status."""

    def wanted(self) -> OfferingFilter:
        category_id, category_slug = id_or_slug(self.category)
        return OfferingFilter(
            q=self.q,
            category_id=category_id,
            category_slug=category_slug,
            tag=self.tag,
            provider_id=self.provider_id,
            price_min=self.price_min,
            price_max=self.price_max,
            currency=self.currency,
            rating_min=self.rating_min,
            status=self.status,
        )

    def page(self) -> PageRequest[OfferingSort]:
        fallback = OfferingSort.RELEVANCE if self.q else OfferingSort.NAME
        return PageRequest(self.sort or fallback, self.limit, self.cursor, self.include_total)


def id_or_slug(given: str | None) -> tuple[UUID | None, str | None]:
    """Return what it is as the one or the other; what looks like an id is one."""
    try:
        return (UUID(given), None) if given and len(given) == len(SOME_ID) else (None, given)
    except ValueError:
        return None, given
