"""Who may still try, and who has to wait."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.core.database import Checkpoint
from app.domain.limits import Quota, block_of
from app.domain.origins import Origin
from app.integrations.limiting.protocol import Limiter
from app.repositories.limits import LimitRepository

FORGOTTEN_AT_ONCE: Final = 5000
STRANGERS: Final = "strangers"


class LimitService:
    def __init__(
        self,
        limits: LimitRepository,
        limiter: Limiter,
        checkpoint: Checkpoint,
        origin: Origin,
    ) -> None:
        self.limits = limits
        self.limiter = limiter
        self.checkpoint = checkpoint
        self.origin = origin

    async def spend(self, quota: Quota, *accounts: str | UUID) -> None:
        """Count a try against the address it comes from and each account; or RateLimited.

        Call it before what it protects: tries that run at once then share the count. As with a
        Checkpoint, what was done is committed, and neither lock nor connection is held.
        """
        await self.checkpoint()
        await self.limiter.spend(quota, self.origin.ip, *map(str, accounts))

    async def forgive(self, quota: Quota, account: str | UUID) -> None:
        """Forget the tries at an account: the last one was right. A checkpoint, as `spend`."""
        await self.checkpoint()
        await self.limiter.forgive(quota, str(account))

    async def side(self, email: str) -> str:
        """Return as what tries at an account count from here, to be spent and forgiven.

        Each address its owner has had a session from counts by itself, all others together:
        strangers who lock each other out don't lock out the owner. Whether there is an account
        makes no difference to anybody else.
        """
        return f"{email} from {self._here(await self.limits.places(email))}"

    async def guess(self, quota: Quota, user_id: UUID) -> str:
        """Count a guess at what an account knows; return as what, to be forgiven if it is right.

        As `spend`, with the `side` it comes from.
        """
        side = f"{user_id} from {self._here(await self.limits.places_of(user_id))}"
        await self.spend(quota, side)
        return side

    async def forget_over(self) -> int:
        """Delete some counts whose time is over; return how many, 0 when none is left."""
        return await self.limits.forget(most=FORGOTTEN_AT_ONCE)

    def _here(self, places: Sequence[str]) -> str:
        here = self.origin.ip and block_of(self.origin.ip)
        return here if here and here in map(block_of, places) else STRANGERS
