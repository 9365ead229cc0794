"""Fees: what not coming costs, and how those who sell waive what is due."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core import money
from app.domain.deposits import DepositKind
from app.domain.fees import NoShowFee
from app.schemas.base import Currency, Money, Request, Text, Whole, money_read
from app.schemas.deposits import of_kind


class FeeAmountGiven(Request):
    """An amount in minor units, in the currency of the price."""

    amount: Annotated[Whole, Field(ge=0, le=money.LARGEST, examples=[1500])]
    currency: Currency


class NoShowFeeGiven(Request):
    """What not coming costs: in percent of the price, or fixed for each seat; at most the price."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "percent", "percent": 100}]})

    kind: DepositKind
    percent: Annotated[
        Annotated[Whole, Field(ge=0, le=100, examples=[100])] | None, Field(validate_default=True)
    ] = None
    """Of `percent` alone."""
    amount: Annotated[FeeAmountGiven | None, Field(validate_default=True)] = None
    """Of `fixed` alone."""

    @field_validator("percent", "amount")
    @classmethod
    def _as_the_kind_says(cls, value: Any, info: ValidationInfo) -> Any:
        return of_kind(value, info)


class NoShowFeeRead(TypedDict):
    """`percent` or `amount`, as the kind says; a fixed one is for each seat."""

    kind: DepositKind
    percent: Annotated[int | None, Field(examples=[100])]
    amount: Annotated[Money | None, Field(examples=[None])]


def no_show_fee_fields(given: NoShowFeeGiven | None) -> dict[str, Any]:
    """Return it by the names of the domain; all None where it costs as cancelling late does."""
    amount = given.amount if given else None
    return {
        "no_show_fee_percent": given.percent if given else None,
        "no_show_fee_amount": amount.amount if amount else None,
        "no_show_fee_currency": amount.currency if amount else None,
    }


def no_show_fee_read(fee: NoShowFee | None, currency: str) -> NoShowFeeRead | None:
    if fee is None:
        return None
    fixed = money.Money(fee.amount, currency) if fee.amount is not None else None
    return {
        "kind": DepositKind.FIXED if fixed else DepositKind.PERCENT,
        "percent": fee.percent,
        "amount": money_read(fixed) if fixed else None,
    }


class FeeWaiver(Request):
    reason: Annotated[Text, Field(max_length=500, examples=["She was ill."])] | None = None
