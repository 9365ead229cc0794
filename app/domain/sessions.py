"""The vocabulary of being signed in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.errors import Forbidden, Unauthenticated

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
    """`access` is a JWT for `expires_in` seconds; `refresh` is noise, good for one exchange."""

    access: str
    refresh: str
    expires_in: int


class InvalidCredentials(Unauthenticated):
    """The e-mail or the password is wrong."""


class TokenReused(Unauthenticated):
    """This refresh token was used before; the session was ended."""

    keeps_changes = True


class EmailNotVerified(Forbidden):
    """Confirm your e-mail address first."""
