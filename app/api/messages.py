"""What is wrong with a field, in a sentence of ours that can be translated.

pydantic's own messages are English and speak of Python. Each of its error types that JSON, a
form, a path or a query can cause has a sentence here, with what it knows of the limit in braces.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from app.core.i18n import Locale, translate

NO_BODY: Final = "The request needs a body."
NO_EMAIL: Final = "This is not an e-mail address."
SENTENCES: Final = {
    "missing": "This field is required.",
    "extra_forbidden": "This field is not known here.",
    "too_deep": "This is nested more than {depth} levels deep.",
    "too_many_fields": "An object has at most {count} fields.",
    "recursion_loop": "This is nested too deep.",
    "recursion_depth_exceeded": "This is nested too deep.",
    "invalid_key": "The names of an object are text.",
    "model_type": "This must be an object.",
    "model_attributes_type": "This must be an object.",
    "dataclass_type": "This must be an object.",
    "dict_type": "This must be an object.",
    "list_type": "This must be a list.",
    "set_type": "This must be a list.",
    "tuple_type": "This must be a list.",
    "too_short": "Give {min_length} or more of them.",
    "too_long": "Give {max_length} of them at most.",
    "string_type": "This must be text.",
    "string_unicode": "Text must be valid Unicode without NUL.",
    "string_too_short": "This must have at least {min_length} characters.",
    "string_too_long": "This must have at most {max_length} characters.",
    "string_pattern_mismatch": "This does not have the right form.",
    "enum": "This must be one of: {expected}.",
    "literal_error": "This must be one of: {expected}.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "int_from_float": "This must be a whole number.",
    "float_type": "This must be a number.",
    "float_parsing": "This must be a number.",
    "finite_number": "This must be a number.",
    "greater_than": "This must be more than {gt}.",
    "greater_than_equal": "This must be {ge} or more.",
    "less_than": "This must be less than {lt}.",
    "less_than_equal": "This must be {le} or less.",
    "multiple_of": "This must be a multiple of {multiple_of}.",
    "date_type": "Give a date such as 2030-01-31.",
    "date_parsing": "Give a date such as 2030-01-31.",
    "date_from_datetime_parsing": "Give a date such as 2030-01-31.",
    "date_from_datetime_inexact": "Give a date such as 2030-01-31.",
    "time_type": "Give a time of day such as 09:30.",
    "time_parsing": "Give a time of day such as 09:30.",
    "datetime_type": "Give a date and time with an offset, such as 2030-01-31T09:00:00Z.",
    "datetime_parsing": "Give a date and time with an offset, such as 2030-01-31T09:00:00Z.",
    "datetime_object_invalid": "Give a date and time with an offset, such as 2030-01-31T09:00:00Z.",
    "datetime_from_date_parsing": (
        "Give a date and time with an offset, such as 2030-01-31T09:00:00Z."
    ),
    "timezone_aware": "Give a date and time with an offset, such as 2030-01-31T09:00:00Z.",
    "uuid_type": "This is not an id.",
    "uuid_parsing": "This is not an id.",
    "uuid_version": "This is not an id.",
    "union_tag_invalid": "This must be one of: {expected_tags}.",
    "union_tag_not_found": "This field is required.",
    "url_type": "This is not a web address.",
    "url_parsing": "This is not a web address.",
    "url_syntax_violation": "This is not a web address.",
    "url_scheme": "This is not a web address.",
    "url_too_long": "This must have at most {max_length} characters.",
}


def kind_of(entry: Mapping[str, Any]) -> str:
    """Return the type of an error; text measured after it was trimmed is still text."""
    kind: str = entry["type"]
    measured = kind in ("too_short", "too_long")
    return f"string_{kind}" if measured and entry["ctx"]["field_type"] == "Value" else kind


def explained(entry: Mapping[str, Any], locale: Locale) -> str:
    """Return the message of one of pydantic's errors; what we raised ourselves has its own."""
    kind, facts = kind_of(entry), dict(entry.get("ctx") or {})
    if kind == "missing" and entry["loc"] == ("body",):
        return translate(NO_BODY, locale)
    if kind == "value_error" and "reason" in facts:  # of email-validator
        return translate(NO_EMAIL, locale)
    if "expected" in facts:
        facts["expected"] = str(facts["expected"]).replace(" or ", ", ")
    if kind in SENTENCES:
        return translate(SENTENCES[kind], locale, **facts)
    message: str = entry["msg"]
    return translate(message.removeprefix("Value error, "), locale)


def refuse_fields(location: str, names: Sequence[str], kind: str) -> None:
    """Refuse these fields of the request with a 422; do nothing if there are none."""
    if names:
        raise RequestValidationError(
            [{"type": kind, "loc": (location, name), "msg": ""} for name in names]
        )
