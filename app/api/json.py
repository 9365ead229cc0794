"""JSON as it must be: UTF-8, no NaN, no doubled names, of bounded depth and width (RFC 8259)."""

import json
from typing import Any, Final, NoReturn

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.core.errors import Malformed

DEEPEST: Final = 32
WIDEST: Final = 200
LONGEST_INTEGER: Final = 19


class MalformedJson(Malformed):
    """The body is not valid JSON."""


async def read_json(request: Request) -> Any:
    """Return the body of a request, None where there is none.

    Raises MalformedJson (400) for what is no JSON, an HTTPException (415) for another media type
    or a compressed body, and a RequestValidationError (422) for what is too deep, too wide or
    holds text that is not Unicode.
    """
    body = await request.body()
    if not body:
        return None
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (media_type == "application/json" or media_type.endswith("+json")):
        raise HTTPException(415)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HTTPException(415)
    return parsed(body)


def parsed(body: bytes) -> Any:
    try:
        document = _DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedJson from error
    _ensure_bounded(document, (), DEEPEST)
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _read_integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER + 1:
        raise ValueError("an integer of more than 64 bits")
    return int(digits)


def _read_float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number beyond all bounds")
    return number


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return document


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_read_object,
    parse_constant=_refuse_constant,
    parse_int=_read_integer,
    parse_float=_read_float,
)


def _ensure_bounded(value: Any, path: tuple[str | int, ...], left: int) -> None:
    if isinstance(value, str):
        if not value.isascii() and _has_surrogate(value):
            _refuse(path, "string_unicode", "Text must be valid Unicode")
    elif isinstance(value, dict):
        _ensure_room(value, path, left)
        for name, item in value.items():
            if not name.isascii() and _has_surrogate(name):
                _refuse(path, "string_unicode", "Text must be valid Unicode")
            _ensure_bounded(item, (*path, name), left - 1)
    elif isinstance(value, list):
        if not left:
            _refuse(path, "too_deep", f"At most {DEEPEST} levels")
        for index, item in enumerate(value):
            _ensure_bounded(item, (*path, index), left - 1)


def _ensure_room(value: dict[str, Any], path: tuple[str | int, ...], left: int) -> None:
    if not left:
        _refuse(path, "too_deep", f"At most {DEEPEST} levels")
    if len(value) > WIDEST:
        _refuse(path, "too_many_fields", f"At most {WIDEST} fields")


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _refuse(path: tuple[str | int, ...], kind: str, message: str) -> NoReturn:
    raise RequestValidationError([{"type": kind, "loc": ("body", *path), "msg": message}])
