"""What is done with reviews by others than their authors: moderated, answered, weighed."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.files import FileOwner
from app.domain.reviews import (
    INVITED_AFTER,
    INVITED_WITHIN,
    AlreadyReplied,
    ReplyNotFound,
    Review,
    ReviewInvited,
    ReviewNotFound,
    ReviewPosted,
    ReviewReplied,
    ReviewStatus,
    ShownReview,
)
from app.policies import reviews as policy
from app.repositories.jobs import JobRepository
from app.repositories.review_reactions import ReviewReactionRepository
from app.repositories.reviews import ReviewRepository
from app.services.audit import AuditService
from app.services.files import FileService
from app.services.review_totals import ReviewTotalService
from app.services.reviews import ReviewService

INVITED_AT_ONCE: Final = 200


class ReviewModerationService:
    def __init__(
        self,
        reviews: ReviewRepository,
        reactions: ReviewReactionRepository,
        own: ReviewService,
        totals: ReviewTotalService,
        files: FileService,
        jobs: JobRepository,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.reviews = reviews
        self.reactions = reactions
        self.own = own
        self.totals = totals
        self.files = files
        self.jobs = jobs
        self.audit = audit
        self.clock = clock

    async def settle(self, actor: Actor, review_id: UUID, status: ReviewStatus) -> ShownReview:
        """Publish a review, or hide it with all links to its pictures; either may be undone."""
        policy.ensure_can_moderate(actor)
        before, now = await self.own.seen(actor, review_id), self.clock()
        after = replace(
            before,
            status=status,
            flags=[],
            reports=0,
            moderated_by=actor.user_id,
            moderated_at=now,
            updated_at=now,
        )
        await self.reviews.save(after)
        await self.totals.change(before, after)
        if status is ReviewStatus.REJECTED:
            await self.files.revoke_links(FileOwner.REVIEW, review_id)
        elif before.counted is None:
            await self.jobs.announce(ReviewPosted(review_id))
        await self.audit.note(actor, f"review.{status}", ("review", review_id))
        return await self.own.shown(review_id)

    async def reply(self, actor: Actor, review_id: UUID, text: str) -> ShownReview:
        """Reply to a published review of oneself; refuse with AlreadyReplied the second time."""
        review = await self._published(actor, review_id)
        policy.ensure_can_reply(actor, review)
        if review.reply is not None:
            raise AlreadyReplied
        await self._answer(actor, review, text)
        await self.jobs.announce(ReviewReplied(review_id))
        return await self.own.shown(review_id)

    async def change_reply(self, actor: Actor, review_id: UUID, text: str) -> ShownReview:
        review = await self._published(actor, review_id)
        policy.ensure_can_reply(actor, review)
        if review.reply is None:
            raise ReplyNotFound
        await self._answer(actor, review, text)
        return await self.own.shown(review_id)

    async def vote(self, actor: Actor, review_id: UUID) -> None:
        """Find a published review of somebody else useful; twice is once."""
        await self._ensure_can_react(actor, review_id)
        await self.reactions.vote(review_id, actor.user_id, now=self.clock())

    async def unvote(self, actor: Actor, review_id: UUID) -> None:
        await self._ensure_can_react(actor, review_id)
        await self.reactions.unvote(review_id, actor.user_id)

    async def complain(self, actor: Actor, review_id: UUID, reason: str | None) -> None:
        """Have somebody look at a published review again; twice is once."""
        await self._ensure_can_react(actor, review_id)
        await self.reactions.complain(review_id, actor.user_id, reason=reason, now=self.clock())

    async def invite_some(self) -> int:
        """Ask some customers whose visit was over a while ago; return how many, each once."""
        now = self.clock()
        invited = await self.reviews.invite(
            since=now - INVITED_WITHIN, until=now - INVITED_AFTER, most=INVITED_AT_ONCE, now=now
        )
        for booking_id in invited:
            await self.jobs.announce(ReviewInvited(booking_id))
        return len(invited)

    async def _published(self, actor: Actor, review_id: UUID) -> Review:
        review = await self.own.seen(actor, review_id)
        if review.status is not ReviewStatus.APPROVED:
            raise ReviewNotFound
        return review

    async def _answer(self, actor: Actor, review: Review, text: str) -> None:
        now = self.clock()
        replied_at = review.replied_at or now
        await self.reviews.save(
            replace(
                review, reply=text, replied_by=actor.user_id, replied_at=replied_at, updated_at=now
            )
        )

    async def _ensure_can_react(self, actor: Actor, review_id: UUID) -> None:
        policy.ensure_can_react(actor, await self._published(actor, review_id))
