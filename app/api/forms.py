"""Forms, read as strictly as JSON: known fields, each once, in valid UTF-8."""

from collections.abc import Set
from typing import Any, Final

from fastapi import Request

from app.api.json import ensure_plain
from app.api.messages import refuse_fields
from app.core.errors import Malformed

TYPES: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class MalformedForm(Malformed):
    """The form is not valid UTF-8, holds NUL, or names a field twice."""


def fields_of(body: Any) -> frozenset[str]:
    """Return the names of the fields FastAPI expects in the form of a route."""
    fields = body.field_info.annotation.model_fields
    return frozenset(field.alias or name for name, field in fields.items())


async def ensure_readable(request: Request, known: Set[str]) -> None:
    """Refuse what no form of this route can be; Starlette keeps the form for FastAPI."""
    ensure_plain(request.headers, TYPES.__contains__)
    pairs = (await request.form()).multi_items()
    texts = [(name, value) for name, value in pairs if isinstance(value, str)]
    read = "".join(name + value for name, value in texts)
    if len(dict(texts)) != len(texts) or "\ufffd" in read or "\0" in read:
        raise MalformedForm
    refuse_fields("body", [name for name, _ in pairs if name not in known], "extra_forbidden")
