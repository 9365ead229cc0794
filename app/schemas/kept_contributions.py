"""What is kept of all that somebody contributed, as the API hands it to them."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.files import FileType
from app.schemas.accounts import AnId, ATime


class FileKept(TypedDict):
    id: AnId
    name: Annotated[str, Field(examples=["before.webp"])]
    media_type: Annotated[FileType, Field(examples=[FileType.WEBP])]
    size: Annotated[int, Field(description="In bytes.", examples=[48213])]
    created_at: ATime
