"""Files that people send along, as the API shows them."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import Field
from typing_extensions import TypedDict

from app.core import addresses
from app.core.listing import PageRequest
from app.domain.files import FileLink, FileSort, FileType
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import ListQuery, Number, Request

SIGNATURE: Final = 64
SOME_SIGNATURE: Final = "9f" * 32
BINARY: Final = {"schema": {"type": "string", "format": "binary"}}
CONTENT: Final[dict[str, Any]] = {
    "content": {
        str(media_type): {**BINARY, "example": "(the bytes of the file)"} for media_type in FileType
    }
}


class FileRead(TypedDict):
    id: AnId
    name: Annotated[str, Field(examples=["before.webp"])]
    media_type: Annotated[FileType, Field(examples=[FileType.WEBP])]
    size: Annotated[int, Field(description="In bytes.", examples=[48213])]
    url: Annotated[
        str,
        Field(
            description="Leads to the content, for whoever has it, until it lapses.",
            examples=[
                f"https://api.example.com/api/v1/files/{SOME_ID}/content"
                f"?expires=1898000000&signature={SOME_SIGNATURE}"
            ],
        ),
    ]
    expires_at: Annotated[datetime, Field(examples=["2030-03-01T09:30:00Z"])]
    created_at: ATime


class FileQuery(ListQuery):
    sort: FileSort = FileSort.NEWEST

    def page(self) -> PageRequest[FileSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)


class FileLinkQuery(Request):
    expires: Annotated[Number, Field(ge=0, lt=1 << 33, examples=[1898000000])]
    """When the link lapses, in seconds since 1970."""
    signature: Annotated[
        str, Field(pattern=f"^[0-9a-f]{{{SIGNATURE}}}$", examples=[SOME_SIGNATURE])
    ]


def file_read(link: FileLink) -> FileRead:
    file = link.file
    return {
        "id": file.id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "url": file_url(link),
        "expires_at": link.expires_at,
        "created_at": file.created_at,
    }


def file_url(link: FileLink) -> str:
    asked = f"expires={int(link.expires_at.timestamp())}&signature={link.signature}"
    return f"{addresses.base.get()}/api/v1/files/{link.file.id}/content?{asked}"
