"""Reviews: written by those who took part, changed by them for a while, read by everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.files import FileOwner
from app.domain.review_flags import flags_of
from app.domain.reviews import (
    AlreadyReviewed,
    NotAParticipant,
    PictureExpected,
    Review,
    ReviewEntry,
    ReviewFilter,
    ReviewNotFound,
    ReviewOf,
    ReviewPosted,
    ReviewsOf,
    ReviewSort,
    ReviewStatus,
    ReviewSubjectNotFound,
    ShownReview,
    SubjectKind,
    settled,
    written,
)
from app.policies import reviews as policy
from app.repositories.jobs import JobRepository
from app.repositories.reviews import ReviewRepository
from app.services.audit import AuditService
from app.services.files import FileService
from app.services.review_totals import ReviewTotalService


@dataclass(frozen=True, slots=True)
class Moderation:
    """Whether reviews wait to be approved, and which words make any of them wait."""

    before: bool
    blocked: Sequence[str]


class ReviewService:
    def __init__(
        self,
        reviews: ReviewRepository,
        totals: ReviewTotalService,
        files: FileService,
        jobs: JobRepository,
        audit: AuditService,
        clock: Clock,
        *,
        moderation: Moderation,
    ) -> None:
        self.reviews = reviews
        self.totals = totals
        self.files = files
        self.jobs = jobs
        self.audit = audit
        self.clock = clock
        self.moderation = moderation

    async def post(
        self,
        actor: Actor,
        of: ReviewOf,
        *,
        rating: int,
        comment: str | None,
        photos: Sequence[UUID],
    ) -> ShownReview:
        """Review a booking of theirs, or the last one of an event or service that has no review.

        Refused with NotAParticipant, with AlreadyReviewed, and as its photos are by `attach`.
        """
        now = self.clock()
        visit = await self.reviews.visit(actor.user_id, of, now=now)
        if visit is None:
            raise NotAParticipant
        visit.ensure_can_be_reviewed()
        flags = flags_of(comment, self.moderation.blocked)
        review = written(
            visit,
            by=actor.user_id,
            rating=rating,
            comment=comment,
            flags=flags,
            status=settled(flags, before=self.moderation.before),
            now=now,
        )
        if not await self.reviews.add(review):
            raise AlreadyReviewed
        await self._illustrate(actor, review, photos)
        await self._count(None, review)
        return await self.shown(review.id)

    async def change(self, actor: Actor, review_id: UUID, changes: dict[str, Any]) -> ShownReview:
        """Change a review of one's own; what was rejected waits to be looked at again.

        Refused with ReviewSettled once it is older than 48 hours.
        """
        before, now = await self._lock(actor, review_id), self.clock()
        policy.ensure_is_author(actor, before)
        before.ensure_editable(now=now)
        photos = changes.pop("photos", None)
        edited = replace(before, **changes, edited_at=now, updated_at=now)
        flags = flags_of(edited.comment, self.moderation.blocked)
        was_rejected = before.status is ReviewStatus.REJECTED
        status = settled(flags, before=self.moderation.before, was_rejected=was_rejected)
        after = replace(edited, flags=flags, status=status)
        await self.reviews.save(after)
        if photos is not None:
            await self.files.drop_of(FileOwner.REVIEW, review_id, keep=photos)
            await self._illustrate(actor, after, photos)
        if status is not ReviewStatus.APPROVED:
            await self.files.revoke_links(FileOwner.REVIEW, review_id)
        await self._count(before, after)
        return await self.shown(review_id)

    async def remove(self, actor: Actor, review_id: UUID) -> None:
        """Delete a review, with its pictures, reply and votes."""
        review = await self._lock(actor, review_id)
        policy.ensure_can_remove(actor, review)
        await self.files.drop_of(FileOwner.REVIEW, review_id)
        await self.reviews.remove(review_id)
        await self.totals.change(review, None)
        await self.audit.note(actor, "review.removed", ("review", review_id))

    async def about(
        self,
        kind: SubjectKind | None,
        subject_id: UUID,
        wanted: ReviewFilter,
        request: PageRequest[ReviewSort],
    ) -> ReviewsOf:
        """Return what is said of something; refuse with ReviewSubjectNotFound.

        Without a kind, it may be anything that reviews are about.
        """
        subject = await self.reviews.subject(subject_id)
        if subject is None or kind not in (None, subject.kind):
            raise ReviewSubjectNotFound
        page = await self.reviews.matching(wanted.about(subject), request)
        return ReviewsOf(await self._with_photos(page), await self.totals.of(subject))

    async def list(
        self,
        actor: Actor,
        wanted: ReviewFilter,
        request: PageRequest[ReviewSort],
        *,
        mine: bool,
    ) -> Page[ShownReview]:
        """Return reviews in any state: one's own; to those who moderate, everybody's."""
        if mine:
            wanted = replace(wanted, author_id=actor.user_id)
        page = await self.reviews.matching(policy.narrow(actor, wanted), request)
        return await self._with_photos(page)

    async def seen(self, actor: Actor, review_id: UUID) -> Review:
        """Return a review, locked, that they may see; refuse with ReviewNotFound."""
        return await self._lock(actor, review_id)

    async def shown(self, review_id: UUID) -> ShownReview:
        review = await self.reviews.get(review_id)
        if review is None:
            raise ReviewNotFound
        photos = await self.files.of(FileOwner.REVIEW, [review_id])
        return ShownReview(review, photos.get(review_id, []))

    async def _with_photos(self, page: Page[ReviewEntry]) -> Page[ShownReview]:
        photos = await self.files.of(FileOwner.REVIEW, [one.id for one in page.items])
        items = [ShownReview(one, photos.get(one.id, [])) for one in page.items]
        return Page(items, page.next_cursor, page.total)

    async def _lock(self, actor: Actor, review_id: UUID) -> Review:
        review = await self.reviews.lock(review_id)
        if review is None or not policy.can_see(actor, review):
            raise ReviewNotFound
        return review

    async def _illustrate(self, actor: Actor, review: Review, photos: Sequence[UUID]) -> None:
        """Hang pictures on a review; refuse with PictureExpected what is none."""
        attached = await self.files.attach(actor, photos, FileOwner.REVIEW, review.id)
        if not all(file.is_picture for file in attached):
            raise PictureExpected

    async def _count(self, before: Review | None, after: Review) -> None:
        await self.totals.change(before, after)
        if after.counted is not None and (before is None or before.counted is None):
            await self.jobs.announce(ReviewPosted(after.id))
