"""A file in the body of a request: the one of a form; a picture also as it is."""

import re
from typing import Any, Final

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from app.api.forms import MalformedForm
from app.api.json import ensure_plain
from app.api.messages import refuse_fields
from app.api.openapi.schemas import reference
from app.api.routing import API
from app.domain.files import SentFile

LARGEST: Final = 10 << 20
PATHS: Final = re.compile(rf"{API}/(profile/photo|events/[^/]+/cover|files)/?")
"""Where a body may be as large as that; elsewhere the limit of all others holds."""
FORM: Final = "multipart/form-data"
IMAGES: Final = ("image/jpeg", "image/png", "image/webp", "image/gif")
BARE: Final = frozenset(
    {
        *IMAGES,
        "image/jpg",  # what some programs say of a JPEG
        "application/octet-stream",
        "",  # the same, by RFC 9110, 8.3
    }
)
BINARY: Final[dict[str, Any]] = {"type": "string", "format": "binary"}


async def read_image(request: Request) -> bytes:
    """Return what claims to be a picture; what it is, its content says.

    Raises an HTTPException (415) for another media type or a compressed body, MalformedForm (400)
    for a form that can't be read or holds more than one file, and a RequestValidationError (422)
    where it holds none.
    """
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared == FORM:
        return (await read_file(request)).content
    ensure_plain(request.headers, BARE.__contains__)
    return await request.body()


async def read_file(request: Request) -> SentFile:
    """Return the one file of a form.

    Raises an HTTPException (415) for another media type or a compressed body, MalformedForm (400)
    for a form that can't be read or holds more than one file, and a RequestValidationError (422)
    where it holds none.
    """
    ensure_plain(request.headers, FORM.__eq__)
    try:
        async with request.form(max_files=1, max_fields=0) as form:
            files = [part for part in form.values() if isinstance(part, UploadFile)]
            refuse_fields("body", [] if files else ["file"], "missing")
            return SentFile(files[0].filename or "", await files[0].read())
    except HTTPException as error:
        if error.status_code != 400:  # too large, whatever form it would have had
            raise
        raise MalformedForm("Send a form with one file and nothing else.") from error


def documented() -> dict[str, Any]:
    """Return the body of an operation that calls `read_image`, for its `openapi_extra`."""
    example = "(the bytes of the picture)"
    file = {**BINARY, "description": "The picture.", "examples": [example]}
    form = {"type": "object", "properties": {"file": file}, "required": ["file"]}
    bare: dict[str, Any] = {"schema": BINARY, "example": example}
    content: dict[str, Any] = {FORM: {"schema": reference("ImageUpload")}}
    content |= dict.fromkeys((*IMAGES, "application/octet-stream"), bare)
    return {
        "requestBody": {"required": True, "content": content},
        "x-schemas": {"ImageUpload": form},
    }


def documented_form() -> dict[str, Any]:
    """Return the body of an operation that calls `read_file`, for its `openapi_extra`."""
    file = {**BINARY, "description": "The file.", "examples": ["(the bytes of the file)"]}
    form = {"type": "object", "properties": {"file": file}, "required": ["file"]}
    content = {FORM: {"schema": reference("FileUpload")}}
    return {
        "requestBody": {"required": True, "content": content},
        "x-schemas": {"FileUpload": form},
    }
