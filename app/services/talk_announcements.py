"""Telling people what others said of them, and asking them to say something."""

from uuid import UUID

from app.domain.notifications import Facts, Kind
from app.domain.reviews import ReviewStatus
from app.repositories.occasions import OccasionRepository
from app.repositories.reviews import ReviewRepository
from app.services.notifications import NotificationService


class TalkAnnouncementService:
    """Each may be asked twice: what was told is not told again."""

    def __init__(
        self,
        notifications: NotificationService,
        occasions: OccasionRepository,
        reviews: ReviewRepository,
    ) -> None:
        self.notifications = notifications
        self.occasions = occasions
        self.reviews = reviews

    async def tell_reviewed(self, review_id: UUID) -> None:
        """Tell who was reviewed, while everybody may see it."""
        review = await self.reviews.get(review_id)
        if review is None or review.status is not ReviewStatus.APPROVED:
            return
        booking = await self.occasions.booking(review.booking_id)
        if booking is None or booking.seller_id is None:
            return
        facts = Facts(booking_id=booking.id, review_id=review.id)
        kind = Kind.REVIEW_RECEIVED
        key = f"{kind}/{review.id}"
        await self.notifications.tell(kind, booking.seller_id, key=key, facts=facts)

    async def tell_replied(self, review_id: UUID) -> None:
        """Tell who wrote a review that there is a reply to it."""
        review = await self.reviews.get(review_id)
        if review is None or review.reply is None:
            return
        facts = Facts(booking_id=review.booking_id, review_id=review.id)
        kind = Kind.REVIEW_REPLIED
        key = f"{kind}/{review.id}"
        await self.notifications.tell(kind, review.author_id, key=key, facts=facts)

    async def invite_review(self, booking_id: UUID) -> None:
        """Ask a customer how it was."""
        booking = await self.occasions.booking(booking_id)
        if booking is None:
            return
        facts, kind = Facts(booking_id=booking.id, starts_at=booking.starts_at), Kind.REVIEW_INVITED
        key = f"{kind}/{booking.id}"
        await self.notifications.tell(kind, booking.customer_id, key=key, facts=facts)
