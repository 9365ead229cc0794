"""From what a service returned to the bytes of an answer."""

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Response, status

from app.api.conditions import matches, tag_of

Value = TypeVar("Value")
JSON: Final = "application/json"


class Answers(Generic[Value]):
    """The answers of one schema, made by its function; FastAPI would check them all over again.

    An endpoint declares the same schema as its `response_model`, for the documentation.
    """

    def __init__(self, shape: Callable[[Value], Any]) -> None:
        self._shape = shape

    def body(self, value: Value) -> bytes:
        return orjson.dumps(self._shape(value), _plain, orjson.OPT_UTC_Z)

    def ok(self, value: Value) -> Response:
        return Response(self.body(value), media_type=JSON)

    def tagged(self, value: Value) -> Response:
        """Answer 200 with the ETag, as after a change."""
        body = self.body(value)
        return Response(body, headers={"ETag": tag_of(body)}, media_type=JSON)

    def accepted(self, value: Value) -> Response:
        return Response(self.body(value), status.HTTP_202_ACCEPTED, media_type=JSON)

    def created(self, value: Value, *, at: str | None = None) -> Response:
        headers = {} if at is None else {"Location": at}
        return Response(self.body(value), status.HTTP_201_CREATED, headers, media_type=JSON)

    def ok_or_unchanged(self, value: Value, known: str | None) -> Response:
        """Answer 304 to a client whose If-None-Match names these very bytes."""
        body = self.body(value)
        headers = {"ETag": tag_of(body)}
        if known is not None and matches(known, headers["ETag"]):
            return Response(None, status.HTTP_304_NOT_MODIFIED, headers)
        return Response(body, headers=headers, media_type=JSON)


def _plain(value: object) -> str:
    """An id read by asyncpg is of its own subclass of UUID, which orjson doesn't know."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{value!r} has no place in JSON")
