"""The vocabulary of promo codes: what they take off, for whom, how often, and refusals."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.ids import new_id
from app.core.money import Money, exponent
from app.domain.deposits import ALL, GATEWAYS_DIGITS


class PromoKind(StrEnum):
    PERCENT = "percent"
    FIXED = "fixed"


class PromoCodeSort(StrEnum):
    NEWEST = "-created_at"
    OLDEST = "created_at"
    CODE = "code"


class PromoCodeNotFound(NotFound):
    """There is no such promo code."""


class PromoCodeInvalid(Invalid):
    """This code is not good for that."""

    pointer = "#/promo_code"


class PromoCodeExhausted(Conflict):
    """This code was used as often as it may be."""


class PromoCodeTaken(Conflict):
    """You have a code of these letters already."""


class UsedMoreOften(Conflict):
    """It was used more often than that."""


class PromoScopeUnknown(Invalid):
    """There is no such event, ticket type or service of yours."""

    pointer = "#/event_id"


class PromoValueInvalid(Invalid):
    """Give a percentage as a number from 1 to 100, and a fixed amount as money."""

    pointer = "#/value"


class PromoEndsTooSoon(Invalid):
    """A code ends after it starts."""

    pointer = "#/ends_at"


@dataclass(frozen=True, slots=True)
class PromoCode:
    """`percent` or an `amount` of `currency`, in which the least total is too.

    It is good for whatever its owner sells, the platform's own for everything, as far as it
    names no event, ticket types or service. `uses` are those that were not given back.
    """

    id: UUID
    code: str
    kind: PromoKind
    percent: int | None
    amount: int | None
    currency: str | None
    owner_id: UUID | None
    event_id: UUID | None
    ticket_type_ids: list[UUID] | None
    service_id: UUID | None
    min_total: int | None
    max_uses: int | None
    max_uses_per_user: int | None
    uses: int
    returns_use: bool
    starts_at: datetime | None
    ends_at: datetime | None
    is_active: bool
    created_at: datetime
    updated_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Tell whether it may be used at that moment, if it wasn't too often."""
        begun = self.starts_at is None or self.starts_at <= now
        return self.is_active and begun and (self.ends_at is None or now < self.ends_at)

    def covers_event(self, event_id: UUID) -> bool:
        return self.service_id is None and self.event_id in (None, event_id)

    def covers_service(self, service_id: UUID) -> bool:
        is_for_events = self.event_id is not None or self.ticket_type_ids is not None
        return not is_for_events and self.service_id in (None, service_id)

    def covers_type(self, ticket_type_id: UUID) -> bool:
        return self.ticket_type_ids is None or ticket_type_id in self.ticket_type_ids

    def accepts(self, total: Money) -> bool:
        """Tell whether so much is enough, in its currency."""
        if self.currency is None:
            return True
        return total.currency == self.currency and total.amount >= (self.min_total or 0)


@dataclass(frozen=True, slots=True)
class PromoCodeFilter:
    """Whose codes to list; None means any."""

    owner_id: UUID | None = None
    event_id: UUID | None = None
    is_active: bool | None = None


def normalized(code: str) -> str:
    """Return a code as it is kept and compared, however it was typed."""
    return unicodedata.normalize("NFKC", code).strip().upper()


def discounts(code: PromoCode, totals: Sequence[int], currency: str) -> list[int]:
    """Return what it takes off each line of that total, in minor units; see decision 0065.

    A line that it isn't good for is given as 0. Never more than a line costs.
    """
    step = unit_of(currency, *totals)
    if code.percent is not None:
        return [_share(total, code.percent, step) for total in totals]
    return spread(min(code.amount or 0, sum(totals)), totals, step)


def unit_of(currency: str, *amounts: int) -> int:
    """Return in what steps money is divided: of three decimals no gateway takes the third."""
    step: int = 10 ** max(exponent(currency) - GATEWAYS_DIGITS, 0)
    return step if all(amount % step == 0 for amount in amounts) else 1


def spread(amount: int, weights: Sequence[int], step: int) -> list[int]:
    """Divide an amount by weights so that it adds up: what is left over goes to the largest rests.

    Of equal rests the first comes first.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    step = step if amount % step == 0 else 1
    parts, rest = [], amount // step
    for weight in weights:
        parts.append(divmod(amount // step * weight, whole))
    shares = [share for share, _ in parts]
    rest -= sum(shares)
    for place in sorted(range(len(parts)), key=lambda at: -parts[at][1])[:rest]:
        shares[place] += 1
    return [share * step for share in shares]


def _share(total: int, percent: int, step: int) -> int:
    rounded: int = (total * percent + 50 * step) // (100 * step) * step
    return min(rounded, total)


@dataclass(frozen=True, slots=True)
class PromoCodeDraft:
    """What somebody wants of a new code; the value is a percentage or money."""

    code: str
    kind: PromoKind
    value: int | Money
    event_id: UUID | None
    ticket_type_ids: list[UUID] | None
    service_id: UUID | None
    min_total: Money | None
    max_uses: int | None
    max_uses_per_user: int | None
    returns_use: bool
    starts_at: datetime | None
    ends_at: datetime | None


def drafted(draft: PromoCodeDraft, *, owner_id: UUID | None, now: datetime) -> PromoCode:
    """Return the code that it makes; refused where its parts don't go together."""
    percent, amount, currency = _value(draft)
    if draft.ticket_type_ids is not None and draft.event_id is None:
        raise PromoScopeUnknown("Name the event of these ticket types.")
    if draft.event_id is not None and draft.service_id is not None:
        raise PromoScopeUnknown("Name an event or a service, and not both.")
    code = PromoCode(
        id=new_id(),
        code=normalized(draft.code),
        kind=draft.kind,
        percent=percent,
        amount=amount,
        currency=currency,
        owner_id=owner_id,
        event_id=draft.event_id,
        ticket_type_ids=draft.ticket_type_ids,
        service_id=draft.service_id,
        min_total=draft.min_total.amount if draft.min_total else None,
        max_uses=draft.max_uses,
        max_uses_per_user=draft.max_uses_per_user,
        uses=0,
        returns_use=draft.returns_use,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        is_active=True,
        created_at=now,
        updated_at=now,
    )
    ensure_in_order(code)
    return code


def ensure_in_order(code: PromoCode) -> None:
    if code.starts_at is not None and code.ends_at is not None and code.ends_at <= code.starts_at:
        raise PromoEndsTooSoon


def _value(draft: PromoCodeDraft) -> tuple[int | None, int | None, str | None]:
    """Return percent, amount and currency; a least total is in the currency of the amount."""
    least = draft.min_total.currency if draft.min_total else None
    if draft.kind is PromoKind.PERCENT:
        if not isinstance(draft.value, int) or not 1 <= draft.value <= ALL:
            raise PromoValueInvalid
        return draft.value, None, least
    if not isinstance(draft.value, Money) or not draft.value.amount:
        raise PromoValueInvalid
    if least not in (None, draft.value.currency):
        raise PromoValueInvalid("The least total is in the currency of the amount.").at(
            "#/min_total"
        )
    return None, draft.value.amount, draft.value.currency
