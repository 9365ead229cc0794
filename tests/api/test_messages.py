"""Sentences about fields: one for whatever pydantic can find wrong."""

from datetime import date, datetime, time
from enum import StrEnum
from string import Formatter
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import AwareDatetime, EmailStr, Field, HttpUrl, TypeAdapter, ValidationError
from pydantic_core import _pydantic_core

from app.api.messages import SENTENCES, explained, kind_of
from app.core.i18n import Locale
from app.schemas.base import Line, Request, Zone

KNOWN = {one["type"]: one for one in _pydantic_core.list_all_errors()}
OURS = {"too_deep", "too_many_fields"}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Thing(Request):
    name: str


def test_a_sentence_speaks_only_of_what_pydantic_tells():
    for kind, sentence in SENTENCES.items():
        facts = {name for _, name, _, _ in Formatter().parse(sentence) if name}
        told = KNOWN[kind]["example_context"] or {} if kind not in OURS else facts
        assert facts <= told.keys() if kind not in OURS else facts, kind


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (Annotated[Line, Field(min_length=2)], "a", "This must have at least 2 characters."),
        (Annotated[Line, Field(max_length=2)], "abc", "This must have at most 2 characters."),
        (Annotated[str, Field(max_length=2)], "abc", "This must have at most 2 characters."),
        (Annotated[str, Field(pattern="^a$")], "b", "This does not have the right form."),
        (Annotated[list[int], Field(min_length=1)], [], "Give 1 or more of them."),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "Give 1 of them at most."),
        (list[int], {}, "This must be a list."),
        (list[int], ["a"], "This must be a whole number."),
        (Annotated[int, Field(gt=1)], 1, "This must be more than 1."),
        (Annotated[int, Field(lt=1)], 1, "This must be less than 1."),
        (Annotated[int, Field(multiple_of=5)], 7, "This must be a multiple of 5."),
        (int, 1.5, "This must be a whole number."),
        (int, "9" * 5000, "This number is too large."),
        (float, "x", "This must be a number."),
        (bool, "x", "This must be true or false."),
        (Colour, "green", "This must be one of: 'red', 'blue'."),
        (Literal["a", "b"], "c", "This must be one of: 'a', 'b'."),
        (date, "x", "Give a date such as 2030-01-31."),
        (date, "2030-02-30", "Give a date such as 2030-01-31."),
        (date, "2030-01-31T12:00", "Give a date such as 2030-01-31."),
        (time, "25:00", "Give a time of day such as 09:30."),
        (datetime, [], "Give a date and time with an offset, such as 2030-01-31T09:00:00Z."),
        (AwareDatetime, "2030-01-31T09:00", None),
        (UUID, "x", "This is not an id."),
        (UUID, 7, "This is not an id."),
        (HttpUrl, "x", "This is not a web address."),
        (EmailStr, "x", "This is not an e-mail address."),
        (Zone, "x", "This is not an IANA time zone."),
        (Thing, {"name": "a", "colour": 1}, "This field is not known here."),
        (Thing, {}, "This field is required."),
        (Thing, [], "This must be an object."),
        (dict[str, int], [], "This must be an object."),
    ],
    ids=lambda value: repr(value)[:20] if isinstance(value, str | int | list | dict) else "",
)
def test_what_is_wrong_is_said_in_our_words(kind: Any, value: Any, message: str | None):
    with pytest.raises(ValidationError) as error:
        TypeAdapter(kind).validate_python(value)

    (entry,) = error.value.errors()
    said = [explained(entry, locale) for locale in Locale]
    assert said[0] == message or message is None
    assert len(set(said)) == 3, "translated"
    assert "{" not in "".join(said)


def test_a_missing_body_is_not_a_missing_field():
    entry = {"type": "missing", "loc": ("body",), "msg": "Field required"}

    assert explained(entry, Locale.EN) == "The request needs a body."


def test_what_is_new_in_pydantic_is_said_in_its_own_words():
    entry = {"type": "novel", "loc": ("body", "x"), "msg": "Something new", "ctx": {}}

    assert (kind_of(entry), explained(entry, Locale.UK)) == ("novel", "Something new")
