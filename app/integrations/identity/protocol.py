"""What the application needs of a provider of identities, in its own words."""

from typing import Protocol

from app.domain.identities import Asked, Person


class IdentityProvider(Protocol):
    """Each call ends within seconds, with IdentityProviderUnavailable where nobody answers."""

    @property
    def issuer(self) -> str:
        """Who it says it is, wherever it says so."""
        ...

    async def authorization_url(self, asked: Asked, *, state: str) -> str:
        """Return where somebody signs in, to be sent back with a code and this state."""
        ...

    async def person(self, code: str, asked: Asked) -> Person:
        """Exchange the code, once, for who somebody is.

        Refused with IdentityRefused, unless the code and everything it is answered with are for
        us and for what was asked.
        """
        ...

    async def check(self) -> None:
        """Ask the provider what it offers; IdentityProviderUnavailable where that is no use."""
        ...
