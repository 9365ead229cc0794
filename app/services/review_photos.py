"""Who sees the pictures of a review: whoever may see the review."""

from uuid import UUID

from app.domain.actors import Actor
from app.policies import reviews as policy
from app.repositories.reviews import ReviewRepository


class ReviewPhotos:
    def __init__(self, reviews: ReviewRepository) -> None:
        self.reviews = reviews

    async def may_see(self, actor: Actor, owner_id: UUID) -> bool:
        review = await self.reviews.get(owner_id)
        return review is not None and policy.can_see(actor, review)
