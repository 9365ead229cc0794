"""What is kept of all that somebody contributed, as the API hands it to them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.files import FileType
from app.domain.reviews import ReviewStatus
from app.schemas.accounts import AnId, ATime


class FileKept(TypedDict):
    id: AnId
    name: Annotated[str, Field(examples=["before.webp"])]
    media_type: Annotated[FileType, Field(examples=[FileType.WEBP])]
    size: Annotated[int, Field(description="In bytes.", examples=[48213])]
    created_at: ATime


class ReviewKept(TypedDict):
    id: AnId
    booking_id: AnId
    rating: Annotated[int, Field(examples=[5])]
    comment: Annotated[str | None, Field(examples=["The best cut in years."])]
    status: ReviewStatus
    edited_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime


class ReplyKept(TypedDict):
    id: AnId
    reply: Annotated[str | None, Field(examples=["Thank you, come again."])]
    replied_at: Annotated[datetime | None, Field(examples=[None])]


class ReviewVoteKept(TypedDict):
    review_id: AnId
    created_at: ATime


class ReviewReportKept(TypedDict):
    review_id: AnId
    reason: Annotated[str | None, Field(examples=["An advert."])]
    created_at: ATime
