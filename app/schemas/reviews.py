"""Reviews, as the API takes and shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, Self
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.reviews import (
    ReviewFilter,
    ReviewOf,
    ReviewsOf,
    ReviewSort,
    ReviewStatus,
    ReviewTotal,
    ShownReview,
    signed_as,
)
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import (
    ABSENT,
    TURNING,
    Id,
    ListQuery,
    Number,
    Request,
    Text,
    Whole,
    changes,
)
from app.schemas.files import FileRead, file_read

MOST_PHOTOS = 8


def _unturned(value: str) -> str:
    if not TURNING.isdisjoint(value):
        raise ValueError("Control characters are not allowed.")
    return value


def _all_different(value: Sequence[UUID]) -> Sequence[UUID]:
    if len(set(value)) < len(value):
        raise ValueError("Name each of them once.")
    return value


Words = Annotated[
    Text,
    AfterValidator(_unturned),
    Field(min_length=1, max_length=2000, examples=["The best cut in years."]),
]
Stars = Annotated[Whole, Field(ge=1, le=5, examples=[5])]
Photos = Annotated[
    list[Id], AfterValidator(_all_different), Field(max_length=MOST_PHOTOS, examples=[[]])
]


class ReviewUpdate(Request):
    """What is left out stays as it is; photos, where given, are all there are to be."""

    rating: Stars = ABSENT
    comment: Words | None = ABSENT
    photos: Photos = ABSENT
    """Pictures that were sent before, by their file ids, in this order."""

    def fields(self) -> dict[str, Any]:
        return changes(self)


class ReviewCreate(Request):
    """Of one booking, or of the last visit to a service or an event: exactly one of the three."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"booking_id": SOME_ID, "rating": 5, "comment": "The best cut in years."}]
        }
    )

    booking_id: Id | None = None
    event_id: Id | None = None
    service_id: Id | None = None
    rating: Stars
    comment: Words | None = None
    photos: Photos = []

    @model_validator(mode="after")
    def _of_one(self) -> Self:
        if sum(one is not None for one in (self.booking_id, self.event_id, self.service_id)) != 1:
            raise ValueError("Name a booking, an event or a service, and one of them alone.")
        return self

    def of(self) -> ReviewOf:
        return ReviewOf(self.booking_id, self.event_id, self.service_id)


class ReviewReplyGiven(Request):
    text: Words


class ReviewReport(Request):
    reason: (
        Annotated[Text, AfterValidator(_unturned), Field(max_length=500, examples=["An advert."])]
        | None
    ) = None


class ReviewsQuery(ListQuery):
    sort: Annotated[
        Literal["created_at", "-created_at", "useful", "-useful"], Field(examples=["-useful"])
    ] = "-created_at"
    rating: Annotated[Number, Field(ge=1, le=5, examples=[5])] | None = None

    def page(self) -> PageRequest[ReviewSort]:
        return PageRequest(ReviewSort(self.sort), self.limit, self.cursor, self.include_total)

    def wanted(self) -> ReviewFilter:
        return ReviewFilter(rating=self.rating)


class ReviewCasesQuery(ReviewsQuery):
    status: ReviewStatus | None = None
    flagged: bool | None = None
    """Those that the program or a reader found something about; or those without."""
    event_id: Id | None = None
    provider_id: Id | None = None
    service_id: Id | None = None
    mine: bool = False
    """One's own alone, for those who see everybody's."""

    def wanted(self) -> ReviewFilter:
        return ReviewFilter(
            event_id=self.event_id,
            provider_id=self.provider_id,
            service_id=self.service_id,
            status=self.status,
            rating=self.rating,
            flagged=self.flagged,
        )


class ReviewAuthorRead(TypedDict):
    name: Annotated[str | None, Field(description="None once erased.", examples=["Ada L."])]


class ReviewReplyRead(TypedDict):
    text: Annotated[str, Field(examples=["Thank you, come again."])]
    created_at: ATime


class ReviewRead(TypedDict):
    id: AnId
    author: ReviewAuthorRead
    service_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    provider_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    event_id: Annotated[UUID | None, Field(examples=[None])]
    rating: Annotated[int, Field(examples=[5])]
    comment: Annotated[str | None, Field(examples=["The best cut in years."])]
    photos: list[FileRead]
    status: ReviewStatus
    reply: ReviewReplyRead | None
    useful: Annotated[int, Field(examples=[3])]
    verified: Annotated[bool, Field(description="It always is: they took part.", examples=[True])]
    edited_at: Annotated[datetime | None, Field(examples=[None])]
    created_at: ATime


class ReviewCaseRead(ReviewRead):
    """A review as its author and those who moderate see it."""

    booking_id: AnId
    flags: Annotated[
        list[str],
        Field(
            description="`link`, `email`, `phone`, `word`, `reported`.",
            examples=[["link"]],
        ),
    ]
    reports: Annotated[int, Field(examples=[0])]


class ReviewSummaryRead(TypedDict):
    count: Annotated[int, Field(examples=[25])]
    average: Annotated[float, Field(examples=[4.76])]
    histogram: Annotated[
        dict[str, int],
        Field(
            description="How often each number of stars was given.",
            examples=[{"1": 0, "2": 0, "3": 1, "4": 4, "5": 20}],
        ),
    ]


class ReviewListRead(TypedDict):
    items: list[ReviewRead]
    next_cursor: Annotated[str | None, Field(examples=["Zm9vYmFyYmF6"])]
    total: NotRequired[Annotated[int, Field(examples=[42])]]
    summary: ReviewSummaryRead


def review_read(shown: ShownReview) -> ReviewRead:
    review = shown.review
    reply: ReviewReplyRead | None = None
    if review.reply is not None and review.replied_at is not None:
        reply = {"text": review.reply, "created_at": review.replied_at}
    return {
        "id": review.id,
        "author": {"name": signed_as(review.author_name)},
        "service_id": review.service_id,
        "provider_id": review.provider_id,
        "event_id": review.event_id,
        "rating": review.rating,
        "comment": review.comment,
        "photos": [file_read(link) for link in shown.photos],
        "status": review.status,
        "reply": reply,
        "useful": review.useful,
        "verified": True,
        "edited_at": review.edited_at,
        "created_at": review.created_at,
    }


def review_case_read(shown: ShownReview) -> ReviewCaseRead:
    review = shown.review
    return {
        **review_read(shown),
        "booking_id": review.booking_id,
        "flags": list(review.flags),
        "reports": review.reports,
    }


def summary_read(total: ReviewTotal) -> ReviewSummaryRead:
    return {
        "count": total.count,
        "average": round(total.average, 2),
        "histogram": {str(stars): times for stars, times in enumerate(total.histogram, 1)},
    }


def reviews_read(found: ReviewsOf) -> ReviewListRead:
    made: ReviewListRead = {
        "items": [review_read(one) for one in found.page.items],
        "next_cursor": found.page.next_cursor,
        "summary": summary_read(found.total),
    }
    if found.page.total is not None:
        made["total"] = found.page.total
    return made
