"""What those who took part say of it."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Anybody, BookingWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.files import FileNotFound
from app.domain.reviews import (
    AlreadyReviewed,
    NotAParticipant,
    PictureExpected,
    ReviewNotFound,
    ReviewSettled,
    ReviewSubjectNotFound,
    SubjectKind,
)
from app.schemas.reviews import (
    ReviewCaseRead,
    ReviewCreate,
    ReviewListRead,
    ReviewsQuery,
    ReviewUpdate,
    review_case_read,
    reviews_read,
)

router = stem("reviews", prefix=API)
REVIEW = Answers(review_case_read)
REVIEWS = Answers(reviews_read)
LISTED = problems(ReviewSubjectNotFound, InvalidCursor, MalformedQuery)
ASKED = queries.documented(ReviewsQuery)


@router.post(
    "/reviews",
    response_model=ReviewCaseRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(NotAParticipant, AlreadyReviewed, FileNotFound, PictureExpected),
)
async def create_review(visitor: BookingWriter, body: ReviewCreate) -> Response:
    """Review a booking of one's own that is over; each has one review at the most.

    It is published at once, unless reviews are looked at before, or this one has something in it
    that should be: a link, an address, a phone number, a word.
    """
    async with visitor.writing() as caller:
        review = await caller.services.reviews.post(
            caller.actor, body.of(), rating=body.rating, comment=body.comment, photos=body.photos
        )
        return REVIEW.created(review)


@router.patch(
    "/reviews/{review_id}",
    response_model=ReviewCaseRead,
    responses=problems(Forbidden, ReviewNotFound, ReviewSettled, FileNotFound, PictureExpected),
)
async def update_review(visitor: BookingWriter, review_id: UUID, body: ReviewUpdate) -> Response:
    """Change a review of one's own, within 48 hours; it is looked at as a new one would be."""
    async with visitor.writing() as caller:
        review = await caller.services.reviews.change(caller.actor, review_id, body.fields())
        return REVIEW.ok(review)


@router.delete(
    "/reviews/{review_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ReviewNotFound),
)
async def delete_review(visitor: BookingWriter, review_id: UUID) -> Response:
    """Delete a review, by its author or those who moderate."""
    async with visitor.writing() as caller:
        await caller.services.reviews.remove(caller.actor, review_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/reviews/{subject_id}", response_model=ReviewListRead, responses=LISTED, openapi_extra=ASKED
)
async def list_subject_reviews(guest: Anybody, subject_id: UUID, request: Request) -> Response:
    """List what is said of an event, a provider or a service."""
    return await _listed(guest, None, subject_id, request)


@router.get(
    "/events/{event_id}/reviews",
    response_model=ReviewListRead,
    responses=LISTED,
    openapi_extra=ASKED,
)
async def list_event_reviews(guest: Anybody, event_id: UUID, request: Request) -> Response:
    """List what is said of an event."""
    return await _listed(guest, SubjectKind.EVENT, event_id, request)


@router.get(
    "/services/{service_id}/reviews",
    response_model=ReviewListRead,
    responses=LISTED,
    openapi_extra=ASKED,
)
async def list_service_reviews(guest: Anybody, service_id: UUID, request: Request) -> Response:
    """List what is said of a service, whoever performed it."""
    return await _listed(guest, SubjectKind.SERVICE, service_id, request)


@router.get(
    "/providers/{provider_id}/reviews",
    response_model=ReviewListRead,
    responses=LISTED,
    openapi_extra=ASKED,
)
async def list_provider_reviews(guest: Anybody, provider_id: UUID, request: Request) -> Response:
    """List what is said of a provider, whatever they performed."""
    return await _listed(guest, SubjectKind.PROVIDER, provider_id, request)


async def _listed(
    guest: Anybody, kind: SubjectKind | None, subject_id: UUID, request: Request
) -> Response:
    query = queries.read(request, ReviewsQuery)
    async with guest.reading() as services:
        found = await services.reviews.about(kind, subject_id, query.wanted(), query.page())
    return REVIEWS.ok(found)
