"""What every schema shares.

A request is a pydantic model: it is checked. An answer is a TypedDict with a function that makes
it: mypy checks every key and type of it once, here, and nothing has to while it is served.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    NotRequired,  # pydantic asks for these below Python 3.12
    TypeVar,
)
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticKnownError
from typing_extensions import TypedDict

from app.core import money
from app.core.listing import Page

Item = TypeVar("Item")
Value = TypeVar("Value")
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
# They turn the order of what stands around them, and so a name into another (Trojan Source).
TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LINE_BREAKS: Final = frozenset("\n\r\t")
A_NUMBER: Final = re.compile(r"-?[0-9]+")
# pydantic also reads a text of digits, as seconds since 1970.
A_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
A_TIME: Final = re.compile(A_DAY.pattern + r"[Tt ][0-9]{2}:[0-9]{2}")
NO_ZONES: Final = {"Factory", "localtime"}
"""What a machine's zone files hold besides zones: "not set yet", and its own one."""


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones() - NO_ZONES)


def _clean_line(value: str) -> str:
    value = unicodedata.normalize("NFC", value).strip()
    if any(
        unicodedata.category(character) in ("Cc", "Cs") or character in TURNING
        for character in value
    ):
        raise ValueError("Control characters are not allowed.")
    return value


def _clean_text(value: str) -> str:
    value = unicodedata.normalize("NFC", value).strip().replace("\r\n", "\n")
    if any(
        unicodedata.category(character) in ("Cc", "Cs") and character not in LINE_BREAKS
        for character in value
    ):
        raise ValueError("Control characters are not allowed.")
    return value


def _clean_talk(value: str) -> str:
    value = "".join(one for one in _clean_text(value) if one not in TURNING).strip()
    if value and all(unicodedata.category(one)[0] in "CZ" for one in value):
        raise ValueError("There is nothing to read in that.")
    return value


def _known_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("This is not an IANA time zone.")
    return value


def _known_currency(value: str) -> str:
    if value not in money.CURRENCIES:
        raise ValueError("This is not an ISO 4217 currency.")
    return value


def _timestamp(value: object) -> object:
    """Let text through, which pydantic reads as RFC 3339, and nothing else: no epoch numbers."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not A_TIME.match(value):
        raise ValueError("Give a date and time with an offset, such as 2030-01-31T09:00:00Z.")
    return value


def _within_reason(value: datetime) -> datetime:
    try:
        value = value.astimezone(UTC)
    except OverflowError:
        raise ValueError("This is beyond the years 1970 to 2199.") from None
    if not EARLIEST <= value < LATEST:
        raise ValueError("This is beyond the years 1970 to 2199.")
    return value


def _calendar_day(value: object) -> object:
    """Let `YYYY-MM-DD` through, and neither a time nor an epoch number."""
    if isinstance(value, str) and A_DAY.fullmatch(value):
        return value
    raise ValueError("Give a date, such as 2030-01-31.")


def _digits(value: object) -> object:
    """Let a number through as JSON writes it: pydantic also reads ` 5`, `5.0` and `1_0`."""
    if isinstance(value, str) and not A_NUMBER.fullmatch(value):
        raise PydanticKnownError("int_parsing")
    return value


def _canonical_id(value: object) -> object:
    if isinstance(value, str) and len(value) != len("00000000-0000-0000-0000-000000000000"):
        raise ValueError("This is not an id.")
    return value


Line = Annotated[str, AfterValidator(_clean_line)]
"""One line of text: NFC, trimmed, without control characters. Give it a max_length."""
Text = Annotated[str, AfterValidator(_clean_text)]
"""Text of several lines, otherwise as Line."""
Talk = Annotated[str, AfterValidator(_clean_talk)]
"""Text as people type it to one another: otherwise as Text. What turns the order of what stands
around it, which keyboards of some languages put in by themselves, is taken out."""
Zone = Annotated[
    str,
    StringConstraints(max_length=64),
    AfterValidator(_known_zone),
    Field(description="An IANA time zone.", examples=["Europe/Berlin"]),
]
Currency = Annotated[
    str,
    StringConstraints(min_length=3, max_length=3),
    AfterValidator(_known_currency),
    Field(description="An ISO 4217 currency.", examples=["EUR"]),
]
Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_timestamp),
    AfterValidator(_within_reason),
    Field(description="RFC 3339 with an offset.", examples=["2030-01-31T09:00:00Z"]),
]
Day = Annotated[
    date,
    BeforeValidator(_calendar_day),
    Field(ge=EARLIEST.date(), lt=LATEST.date()),
    Field(examples=["2030-01-31"]),
]
Id = Annotated[
    UUID, BeforeValidator(_canonical_id), Field(examples=["0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"])
]
Whole = Annotated[int, Field(strict=True)]
"""A JSON number without a fraction; a string of digits is refused. Give it ge and le."""
Number = Annotated[int, BeforeValidator(_digits)]
"""A whole number in a query string, where all is text. Give it ge and le."""
Flag = Annotated[bool, Field(strict=True, examples=[True])]
ABSENT: Any = Field(default_factory=lambda: None)
"""The default of a field that may be left out but, if its type doesn't say so, not be null."""


class Request(BaseModel):
    """A body: unknown fields are refused, numbers are numbers and text is text."""

    model_config = ConfigDict(
        extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True
    )


class ListQuery(Request):
    limit: Annotated[Number, Field(ge=1, le=100, examples=[20])] = 20
    cursor: Annotated[str, Field(max_length=4000, examples=["Zm9vYmFyYmF6"])] | None = None
    """`next_cursor` of the page before."""
    include_total: bool = False
    """Count all that match; costs a scan."""


class SearchQuery(ListQuery):
    q: Annotated[Line, Field(min_length=1, max_length=100, examples=["hiarcut"])] | None = None
    """Words to look for; a few wrong letters are forgiven."""

    @field_validator("sort", check_fields=False)
    @classmethod
    def _relevance_needs_words(cls, sort: str | None, info: ValidationInfo) -> str | None:
        if sort == "relevance" and not info.data.get("q"):
            raise ValueError("Relevance is for searches: give q.")
        return sort


class Listing(TypedDict, Generic[Item]):
    items: list[Item]
    next_cursor: Annotated[str | None, Field(examples=["Zm9vYmFyYmF6"])]
    total: NotRequired[Annotated[int, Field(examples=[42])]]


def listing(item: Callable[[Value], Item]) -> Callable[[Page[Value]], Listing[Item]]:
    """Return what makes the answer of a list, given what makes one of its items."""

    def answer(page: Page[Value]) -> Listing[Item]:
        made: Listing[Item] = {
            "items": [item(value) for value in page.items],
            "next_cursor": page.next_cursor,
        }
        if page.total is not None:
            made["total"] = page.total
        return made

    return answer


class Money(TypedDict):
    """Integer minor units by the ISO 4217 exponent: 4500 EUR is 45 euros, 4500 JPY 4500 yen."""

    amount: Annotated[int, Field(examples=[4500])]
    currency: Annotated[str, Field(examples=["EUR"])]


class MoneyGiven(Request):
    """Integer minor units by the ISO 4217 exponent."""

    amount: Annotated[int, Field(strict=True, ge=0, le=money.LARGEST, examples=[4500])]
    currency: Currency

    def value(self) -> money.Money:
        return money.Money(self.amount, self.currency)


class Rating(TypedDict):
    """What reviews say on the average, from 1 to 5; 0 while there are none."""

    average: Annotated[float, Field(examples=[4.8])]
    count: Annotated[int, Field(examples=[25])]


def rating_read(average: float, count: int) -> Rating:
    return {"average": round(average, 2), "count": count}


def money_read(value: money.Money) -> Money:
    return {"amount": value.amount, "currency": value.currency}


def changes(body: Request) -> dict[str, Any]:
    """Return the fields that a PATCH names, null included, by name."""
    return {name: getattr(body, name) for name in body.model_fields_set}
