"""What others than their authors do with reviews."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import BookingReader, BookingWriter, ReviewModerator
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.reviews import AlreadyReplied, ReplyNotFound, ReviewNotFound, ReviewStatus
from app.schemas.base import Listing, listing
from app.schemas.reviews import (
    ReviewCaseRead,
    ReviewCasesQuery,
    ReviewRead,
    ReviewReplyGiven,
    ReviewReport,
    review_case_read,
    review_read,
)

router = stem("reviews", prefix=f"{API}/reviews")
REVIEW = Answers(review_read)
CASE = Answers(review_case_read)
CASES = Answers(listing(review_case_read))


@router.get(
    "",
    response_model=Listing[ReviewCaseRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ReviewCasesQuery),
)
async def list_reviews(visitor: BookingReader, request: Request) -> Response:
    """List reviews in any state: one's own; to those who moderate, everybody's."""
    query = queries.read(request, ReviewCasesQuery)
    async with visitor.reading() as caller:
        page = await caller.services.reviews.list(
            caller.actor, query.wanted(), query.page(), mine=query.mine
        )
    return CASES.ok(page)


@router.post(
    "/{review_id}/approve",
    response_model=ReviewCaseRead,
    responses=problems(Forbidden, ReviewNotFound),
)
async def approve_review(visitor: ReviewModerator, review_id: UUID) -> Response:
    """Publish a review, whatever was found about it."""
    return await _settled(visitor, review_id, ReviewStatus.APPROVED)


@router.post(
    "/{review_id}/reject",
    response_model=ReviewCaseRead,
    responses=problems(Forbidden, ReviewNotFound),
)
async def reject_review(visitor: ReviewModerator, review_id: UUID) -> Response:
    """Hide a review and its pictures, at once; it counts for nothing any more."""
    return await _settled(visitor, review_id, ReviewStatus.REJECTED)


@router.post(
    "/{review_id}/reply",
    response_model=ReviewRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(Forbidden, ReviewNotFound, AlreadyReplied),
)
async def reply_to_review(
    visitor: BookingWriter, review_id: UUID, body: ReviewReplyGiven
) -> Response:
    """Reply to a review, once, as the provider or the organizer whom it is about."""
    async with visitor.writing() as caller:
        review = await caller.services.review_moderation.reply(caller.actor, review_id, body.text)
        return REVIEW.created(review)


@router.patch(
    "/{review_id}/reply",
    response_model=ReviewRead,
    responses=problems(Forbidden, ReviewNotFound, ReplyNotFound),
)
async def update_review_reply(
    visitor: BookingWriter, review_id: UUID, body: ReviewReplyGiven
) -> Response:
    """Change one's reply to a review."""
    async with visitor.writing() as caller:
        review = await caller.services.review_moderation.change_reply(
            caller.actor, review_id, body.text
        )
        return REVIEW.ok(review)


@router.put(
    "/{review_id}/vote",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ReviewNotFound),
)
async def put_review_vote(visitor: BookingWriter, review_id: UUID) -> Response:
    """Find somebody else's review useful."""
    async with visitor.writing() as caller:
        await caller.services.review_moderation.vote(caller.actor, review_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.delete(
    "/{review_id}/vote",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ReviewNotFound),
)
async def delete_review_vote(visitor: BookingWriter, review_id: UUID) -> Response:
    """Find a review useful no more."""
    async with visitor.writing() as caller:
        await caller.services.review_moderation.unvote(caller.actor, review_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post(
    "/{review_id}/report",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ReviewNotFound),
)
async def report_review(visitor: BookingWriter, review_id: UUID, body: ReviewReport) -> Response:
    """Have somebody look at a review again; it stays where it is meanwhile."""
    async with visitor.writing() as caller:
        await caller.services.review_moderation.complain(caller.actor, review_id, body.reason)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


async def _settled(visitor: ReviewModerator, review_id: UUID, status: ReviewStatus) -> Response:
    async with visitor.writing() as caller:
        review = await caller.services.review_moderation.settle(caller.actor, review_id, status)
        return CASE.ok(review)
