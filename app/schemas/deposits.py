"""Deposits as the API shows them."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core import money
from app.domain.bookings import Booking
from app.domain.deposits import Deposit, DepositKind, DepositRest
from app.schemas.base import Currency, Money, Request, Whole, money_read


def of_kind(value: Any, info: ValidationInfo) -> Any:
    """Refuse a `percent` or an `amount` that is not what the `kind` beside it says."""
    kind = info.data.get("kind")
    mine = DepositKind.PERCENT if info.field_name == "percent" else DepositKind.FIXED
    if kind is mine and value is None:
        raise ValueError("Say how much.")
    if kind not in (mine, None) and value is not None:
        raise ValueError("Say how much in one way alone.")
    return value


class DepositAmountGiven(Request):
    """An amount in minor units, more than nothing, in the currency of the price."""

    amount: Annotated[Whole, Field(ge=1, le=money.LARGEST, examples=[1500])]
    currency: Currency


class DepositGiven(Request):
    """What is paid at once, and so confirms a booking: in percent of the price, or fixed.

    A share is rounded half up, to whole cents or what is the smallest unit that can be paid; it is
    one such unit at least, and the price at most. A fixed one is for each seat.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "percent", "percent": 30, "rest": "later"}]}
    )

    kind: DepositKind
    percent: Annotated[
        Annotated[Whole, Field(ge=1, le=100, examples=[30])] | None, Field(validate_default=True)
    ] = None
    """Of `percent` alone."""
    amount: Annotated[DepositAmountGiven | None, Field(validate_default=True)] = None
    """Of `fixed` alone."""
    rest: DepositRest = DepositRest.ON_SITE
    """Whether the rest is paid on site, or online before the start."""

    @field_validator("percent", "amount")
    @classmethod
    def _as_the_kind_says(cls, value: Any, info: ValidationInfo) -> Any:
        return of_kind(value, info)


class DepositRead(TypedDict):
    """Of a service or an event: `percent` or `amount`, as the kind says."""

    kind: DepositKind
    percent: Annotated[int | None, Field(examples=[30])]
    amount: Annotated[Money | None, Field(examples=[None])]
    """Of one that is fixed: for each seat."""
    rest: DepositRest


class BookingDepositRead(DepositRead):
    """As it was asked when it was booked; `total` is what it comes to."""

    total: Money


def deposit_fields(given: DepositGiven | None) -> dict[str, Any]:
    """Return it by the names of the domain; all of them None where there is to be none."""
    amount = given.amount if given else None
    return {
        "deposit_percent": given.percent if given else None,
        "deposit_amount": amount.amount if amount else None,
        "deposit_currency": amount.currency if amount else None,
        "deposit_rest": given.rest if given else None,
    }


def deposit_read(deposit: Deposit | None, currency: str) -> DepositRead | None:
    if deposit is None:
        return None
    fixed = money.Money(deposit.amount, currency) if deposit.amount is not None else None
    return {
        "kind": deposit.kind,
        "percent": deposit.percent,
        "amount": money_read(fixed) if fixed else None,
        "rest": deposit.rest,
    }


def booking_deposit_read(booking: Booking) -> BookingDepositRead | None:
    deposit = booking.deposit
    shown = deposit_read(deposit, booking.price_currency)
    if deposit is None or shown is None:
        return None
    return {**shown, "total": money_read(deposit.of(booking.price, booking.seats))}
