"""JSON as it must be: UTF-8, no NaN, no doubled names, of bounded depth and width (RFC 8259)."""

import json
from collections.abc import Callable, Sized
from typing import Any, Final, NoReturn

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from app.core.errors import Malformed

DEEPEST: Final = 32
WIDEST: Final = 200
UTF_8: Final = ("", "utf-8", "utf8", "us-ascii")
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
    ensure_plain(request.headers, _is_json)
    return parsed(body)


def ensure_plain(headers: Headers, is_expected: Callable[[str], bool]) -> None:
    """Refuse with an HTTPException (415) a body of another type, charset or coding."""
    media_type, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].partition(";")[0].strip(' "')
    coding = headers.get("content-encoding", "identity").lower()
    if not is_expected(media_type.strip()) or charset not in UTF_8 or coding != "identity":
        raise HTTPException(415)


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


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


Path = tuple[str | int, ...]


def _ensure_bounded(value: Any, path: Path, left: int) -> None:
    if isinstance(value, str):
        _ensure_text(value, path)
    elif isinstance(value, dict):
        _ensure_room(value, path, left)
        for name, item in value.items():
            _ensure_text(name, path)
            _ensure_bounded(item, (*path, name), left - 1)
    elif isinstance(value, list):
        _ensure_room((), path, left)
        for index, item in enumerate(value):
            _ensure_bounded(item, (*path, index), left - 1)


def _ensure_room(fields: Sized, path: Path, left: int) -> None:
    if not left:
        _refuse(path, "too_deep", depth=DEEPEST)
    if len(fields) > WIDEST:
        _refuse(path, "too_many_fields", count=WIDEST)


def _ensure_text(text: str, path: Path) -> None:
    """Refuse lone surrogates, which are no Unicode, and NUL, which PostgreSQL can't keep."""
    if "\0" in text or not (text.isascii() or _is_unicode(text)):
        _refuse(path, "string_unicode")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(path: Path, kind: str, **facts: int) -> NoReturn:
    raise RequestValidationError([{"type": kind, "loc": ("body", *path), "msg": "", "ctx": facts}])
