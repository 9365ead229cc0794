"""What the application needs of a limiter, in its own words."""

from typing import Protocol

from app.domain.limits import Quota


class Limiter(Protocol):
    """Counts in a connection of its own: none may be held by who asks."""

    async def spend(self, quota: Quota, address: str | None, *accounts: str) -> None:
        """Count once against an address and against each account; refuse with RateLimited.

        What is left is told in the request's tally: of the address always, of accounts where
        they are those who ask.
        """
        ...

    async def forgive(self, quota: Quota, account: str) -> None:
        """Forget what was counted against an account."""
        ...

    async def close(self) -> None: ...


class Unlimited(Limiter):
    """Everything may be done as often as anybody wants."""

    async def spend(self, quota: Quota, address: str | None, *accounts: str) -> None:
        pass

    async def forgive(self, quota: Quota, account: str) -> None:
        pass

    async def close(self) -> None:
        pass
