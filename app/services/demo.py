"""Filling an empty database with something to look at."""

from app.core.clock import Clock
from app.core.crypto import PasswordHasher
from app.domain import demo
from app.domain.demo import DemoRefused
from app.repositories.demo import DemoRepository
from app.services.review_totals import ReviewTotalService


class DemoService:
    def __init__(
        self,
        rows: DemoRepository,
        totals: ReviewTotalService,
        passwords: PasswordHasher,
        clock: Clock,
        *,
        is_allowed: bool,
    ) -> None:
        self.rows = rows
        self.totals = totals
        self.passwords = passwords
        self.clock = clock
        self.is_allowed = is_allowed

    async def is_wanted(self) -> bool:
        """Tell whether this is a place for the demo, and one that nobody has used yet."""
        return self.is_allowed and not await self.rows.has_accounts()

    async def load(self) -> None:
        """Load the demo; what is there already stays as it is, with the dates it got at first."""
        if not self.is_allowed:
            raise DemoRefused
        password_hash = await self.passwords.hash(demo.PASSWORD)
        await self.rows.add(demo.accounts(password_hash))
        await self.rows.add(demo.PROVIDERS)
        await self.rows.add(demo.SCHEDULES)
        await self.rows.add(demo.CATEGORIES)
        await self.rows.add(demo.OFFERINGS)
        await self.rows.add(demo.PERFORMANCES)
        visits = demo.calendar(self.clock().date())
        await self.rows.add(visits)
        for review in demo.reviews(visits):
            if await self.rows.add_review(review):
                await self.totals.change(None, review)
        await self.rows.add(demo.events(self.clock().date()))
