"""Promo codes as those see them who made them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.promo_codes import (
    PromoCode,
    PromoCodeDraft,
    PromoCodeFilter,
    PromoCodeSort,
    PromoKind,
)
from app.schemas.accounts import AnId, ATime
from app.schemas.base import (
    ABSENT,
    Flag,
    Id,
    Instant,
    Line,
    ListQuery,
    Money,
    MoneyGiven,
    Request,
    Whole,
    changes,
)

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
Uses = Annotated[Whole, Field(ge=1, le=1_000_000, examples=[100])]
Percent = Annotated[Whole, Field(ge=1, le=100, examples=[20])]


class PromoCodeUpdate(Request):
    """What is left out stays as it is. What it takes off, and what for, can't be changed."""

    max_uses: Uses | None = ABSENT
    """By all together; null: as often as they like."""
    max_uses_per_user: Uses | None = ABSENT
    returns_use: Flag = ABSENT
    """Whether a use comes back when its customer cancels. Lapsed and declined ones always do."""
    starts_at: Instant | None = ABSENT
    ends_at: Instant | None = ABSENT
    is_active: Flag = ABSENT

    def fields(self) -> dict[str, Any]:
        return changes(self)


class PromoCodeCreate(Request):
    """A code for an event, some of its ticket types, a service, or all that one sells.

    Of an administrator, without an event it is for all that is sold on the platform.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"code": "SPRING-20", "kind": "percent", "value": 20, "max_uses": 100}]
        }
    )

    code: Annotated[
        Line,
        Field(
            min_length=3, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", examples=["SPRING"]
        ),
    ]
    """Small and capital letters are the same."""
    kind: PromoKind
    value: Percent | MoneyGiven
    """A percentage, or the amount that is taken off a booking."""
    event_id: Id | None = None
    ticket_type_ids: Annotated[list[Id], Field(min_length=1, max_length=50)] | None = None
    service_id: Id | None = None
    min_total: MoneyGiven | None = None
    """What a booking has to cost at least, before anything is taken off."""
    max_uses: Uses | None = None
    max_uses_per_user: Uses | None = None
    returns_use: Flag = True
    """Whether a use comes back when its customer cancels. Lapsed and declined ones always do."""
    starts_at: Instant | None = None
    ends_at: Instant | None = None

    def draft(self) -> PromoCodeDraft:
        return PromoCodeDraft(
            code=self.code,
            kind=self.kind,
            value=self.value if isinstance(self.value, int) else self.value.value(),
            event_id=self.event_id,
            ticket_type_ids=self.ticket_type_ids,
            service_id=self.service_id,
            min_total=self.min_total.value() if self.min_total else None,
            max_uses=self.max_uses,
            max_uses_per_user=self.max_uses_per_user,
            returns_use=self.returns_use,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
        )


class PromoCodeRead(TypedDict):
    id: AnId
    code: Annotated[str, Field(examples=["SPRING"])]
    kind: PromoKind
    value: Annotated[int | Money, Field(examples=[20])]
    owner_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    """Who sells what it is for; null of the platform's own."""
    event_id: Annotated[UUID | None, Field(examples=[None])]
    ticket_type_ids: Annotated[list[UUID] | None, Field(examples=[None])]
    service_id: Annotated[UUID | None, Field(examples=[None])]
    min_total: Money | None
    max_uses: Annotated[int | None, Field(examples=[100])]
    max_uses_per_user: Annotated[int | None, Field(examples=[1])]
    uses: Annotated[int, Field(examples=[12])]
    """How often it is used, without those that were given back."""
    returns_use: Annotated[bool, Field(examples=[True])]
    starts_at: Annotated[datetime | None, Field(examples=[None])]
    ends_at: Annotated[datetime | None, Field(examples=["2030-01-31T09:00:00Z"])]
    is_active: Annotated[bool, Field(examples=[True])]
    created_at: ATime
    updated_at: ATime


def promo_code_read(code: PromoCode) -> PromoCodeRead:
    return {
        "id": code.id,
        "code": code.code,
        "kind": code.kind,
        "value": _money(code.amount, code.currency) or code.percent or 0,
        "owner_id": code.owner_id,
        "event_id": code.event_id,
        "ticket_type_ids": code.ticket_type_ids,
        "service_id": code.service_id,
        "min_total": _money(code.min_total, code.currency),
        "max_uses": code.max_uses,
        "max_uses_per_user": code.max_uses_per_user,
        "uses": code.uses,
        "returns_use": code.returns_use,
        "starts_at": code.starts_at,
        "ends_at": code.ends_at,
        "is_active": code.is_active,
        "created_at": code.created_at,
        "updated_at": code.updated_at,
    }


def _money(amount: int | None, currency: str | None) -> Money | None:
    if amount is None or currency is None:
        return None
    return {"amount": amount, "currency": currency}


class PromoCodeQuery(ListQuery):
    sort: PromoCodeSort = PromoCodeSort.NEWEST
    owner_id: Id | None = None
    """Whose; those who don't manage all of them see none but their own anyway."""
    event_id: Id | None = None
    is_active: bool | None = None

    def wanted(self) -> PromoCodeFilter:
        return PromoCodeFilter(self.owner_id, self.event_id, self.is_active)

    def page(self) -> PageRequest[PromoCodeSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
