"""Files that people send along."""

from typing import Final
from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries, uploads
from app.api.answers import Answers
from app.api.conditions import matches
from app.api.deps import Anybody, IfNoneMatch, ProfileReader, ProfileWriter
from app.api.errors import documented, problems
from app.api.forms import MalformedForm
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.listing import InvalidCursor
from app.domain.file_names import disposition
from app.domain.files import (
    File,
    FileLinkLapsed,
    FileNotFound,
    StorageQuotaExceeded,
    UnsupportedFile,
)
from app.domain.images import ImageTooLarge, UnreadableImage
from app.domain.storage import StorageUnavailable
from app.schemas.base import Listing, listing
from app.schemas.files import CONTENT, FileLinkQuery, FileQuery, FileRead, file_read

router = stem("files", prefix=f"{API}/files")
FILE = Answers(file_read)
FILES = Answers(listing(file_read))
# Were somebody to open it in a browser all the same, it has no scripts, no forms and no origin.
POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
FOR_A_WHILE: Final = "private, max-age=900, immutable"  # a file never changes, a link lapses


@router.get(
    "",
    response_model=Listing[FileRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(FileQuery),
)
async def list_files(visitor: ProfileReader, request: Request) -> Response:
    """List the files one has sent, attached or not, each with a link to its content."""
    query = queries.read(request, FileQuery)
    async with visitor.reading() as caller:
        return FILES.ok(await caller.services.files.list(caller.actor, query.page()))


@router.post(
    "",
    response_model=FileRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        MalformedForm,
        UnsupportedFile,
        UnreadableImage,
        ImageTooLarge,
        StorageQuotaExceeded,
        FileNotFound,
        StorageUnavailable,
    ),
    openapi_extra=uploads.documented_form(),
)
async def create_file(visitor: ProfileWriter) -> Response:
    """Send a file of up to 10 MiB, to attach it to a message or a review.

    JPEG, PNG, WebP and GIF, of which only what is seen is kept, as WebP; PDF without anything
    that runs; plain text in UTF-8. What it is, its content says. One that is attached to nothing
    within a day is deleted.
    """
    sent = await uploads.read_file(visitor.request)
    async with visitor.writing() as caller:
        file = await caller.services.files.keep(caller.actor, sent)
        return FILE.created(file, at=f"{API}/files/{file.file.id}")


@router.get("/{file_id}", response_model=FileRead, responses=problems(FileNotFound))
async def get_file(
    visitor: ProfileReader, file_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return a file of one's own, or of what one may see, with a link to its content."""
    async with visitor.reading() as caller:
        file = await caller.services.files.get(caller.actor, file_id)
    return FILE.ok_or_unchanged(file, if_none_match)


@router.delete(
    "/{file_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(FileNotFound),
)
async def delete_file(visitor: ProfileWriter, file_id: UUID) -> Response:
    """Delete a file of one's own; nobody sees it any more, wherever it was attached."""
    async with visitor.writing() as caller:
        await caller.services.files.delete(caller.actor, file_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/{file_id}/content",
    response_class=Response,
    response_model=None,
    responses={
        200: CONTENT,
        **problems(FileLinkLapsed, MalformedQuery),
        **documented(FileLinkLapsed, StorageUnavailable),
    },
    openapi_extra=queries.documented(FileLinkQuery),
)
async def get_file_content(
    guest: Anybody, file_id: UUID, request: Request, if_none_match: IfNoneMatch = None
) -> Response:
    """Return the content of a file to whoever has a link to it."""
    asked = queries.read(request, FileLinkQuery)
    async with guest.reading() as services:
        file = await services.files.followed(
            file_id, expires=asked.expires, signature=asked.signature
        )
    if if_none_match is not None and matches(if_none_match, _tag(file)):
        return Response(None, status.HTTP_304_NOT_MODIFIED, _headers(file))
    async with guest.reading() as services:  # no connection is held while the storage is asked
        content = await services.files.content(file)
    return Response(content, media_type=file.media_type.value, headers=_headers(file))


def _tag(file: File) -> str:
    return f'"{file.id}"'


def _headers(file: File) -> dict[str, str]:
    return {
        "ETag": _tag(file),
        "Cache-Control": FOR_A_WHILE,
        "Content-Disposition": disposition(file.name, file.media_type),
        "Content-Security-Policy": POLICY,
    }
