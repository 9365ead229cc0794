"""How reviews add up: kept in the transaction of each change, so that nothing is ever counted."""

from typing import Final

from app.domain.reviews import NOTHING_YET, Miscount, Review, ReviewTotal, Subject
from app.repositories.review_totals import ReviewTotalRepository

MOST_SHOWN: Final = 20
STARS: Final = 5


class ReviewTotalService:
    def __init__(self, totals: ReviewTotalRepository) -> None:
        self.totals = totals

    async def of(self, subject: Subject) -> ReviewTotal:
        return await self.totals.get(subject) or NOTHING_YET

    async def change(self, before: Review | None, after: Review | None) -> None:
        """Count what a review was no more, and what it has become. It must be locked, or new."""
        old, new = (one.counted if one else None for one in (before, after))
        review = after or before
        if old == new or review is None:
            return
        change = [(stars == new) - (stars == old) for stars in range(1, STARS + 1)]
        for subject in review.subjects:
            await self.totals.add(subject, change)

    async def miscounts(self) -> list[Miscount]:
        """Return totals that a recount doesn't give: none, if all is well."""
        return await self.totals.miscounts(most=MOST_SHOWN)
