"""What those who took part say of it."""

from collections.abc import Mapping
from functools import cached_property

from app.bootstrap.filing import FileServices
from app.domain.files import FileOwner
from app.repositories.jobs import JobRepository
from app.repositories.review_reactions import ReviewReactionRepository
from app.repositories.review_totals import ReviewTotalRepository
from app.repositories.reviews import ReviewRepository
from app.services.files import Sight
from app.services.review_moderation import ReviewModerationService
from app.services.review_photos import ReviewPhotos
from app.services.review_totals import ReviewTotalService
from app.services.reviews import Moderation, ReviewService


class ReviewServices(FileServices):
    @cached_property
    def reviews(self) -> ReviewService:
        settings = self._adapters.settings
        return ReviewService(
            ReviewRepository(self._connection),
            self.review_totals,
            self.files,
            JobRepository(self._connection),
            self.audit,
            self._adapters.clock,
            moderation=Moderation(
                settings.review_moderation == "before", settings.review_blocked_words
            ),
        )

    @cached_property
    def review_moderation(self) -> ReviewModerationService:
        return ReviewModerationService(
            ReviewRepository(self._connection),
            ReviewReactionRepository(self._connection),
            self.reviews,
            self.review_totals,
            self.files,
            JobRepository(self._connection),
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def review_totals(self) -> ReviewTotalService:
        return ReviewTotalService(ReviewTotalRepository(self._connection))

    @property
    def _file_sights(self) -> Mapping[FileOwner, Sight]:
        photos = ReviewPhotos(ReviewRepository(self._connection))
        return {**super()._file_sights, FileOwner.REVIEW: photos}
