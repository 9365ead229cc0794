"""The vocabulary of being signed in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.errors import Forbidden, Unauthenticated
from app.core.ids import new_id

ACCESS_LASTS: Final = timedelta(minutes=15)
SESSION_LASTS: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Session:
    id: UUID
    user_id: UUID
    device: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenPair:
    """`access` is a JWT for `expires_in` seconds; `refresh` is noise, good for one exchange.

    With `ends_in` seconds the session is over, and no refresh prolongs it.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int
    ends_in: int


class InvalidCredentials(Unauthenticated):
    """The e-mail or the password is wrong."""


class InvalidToken(Unauthenticated):
    """The token is not valid, or no longer."""


class TokenReused(Unauthenticated):
    """This refresh token was used before; the session was ended."""

    keeps_changes = True


class EmailNotVerified(Forbidden):
    """Confirm your e-mail address first."""


def session(user_id: UUID, *, device: str | None, now: datetime) -> Session:
    return Session(
        id=new_id(),
        user_id=user_id,
        device=device,
        created_at=now,
        last_used_at=now,
        expires_at=now + SESSION_LASTS,
        revoked_at=None,
    )
