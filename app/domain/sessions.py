"""The vocabulary of being signed in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.crypto import fingerprint
from app.core.errors import Forbidden, NotFound, Unauthenticated
from app.core.ids import new_id
from app.domain.origins import Origin

ACCESS_LASTS: Final = timedelta(minutes=15)
SESSION_LASTS: Final = timedelta(days=30)
SUCCESSOR: Final = "refresh-token"
"""What the successor of a refresh token is derived for."""


@dataclass(frozen=True, slots=True)
class Session:
    """`proved_at` is when they last showed a password or a code; `ip` is where it began."""

    id: UUID
    user_id: UUID
    device: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    ip: str | None
    user_agent: str | None
    proved_at: datetime | None


@dataclass(frozen=True, slots=True)
class TokenPair:
    """`access` is a JWT for `expires_in` seconds; `refresh` is noise, good for one exchange.

    With `ends_in` seconds the session is over, and no refresh prolongs it. `repeated` when it is
    the answer of an exchange that was made before.
    """

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int
    ends_in: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a refresh token is shown.

    Shown again with the same `mark`, within `grace`, it is taken for one whose answer was lost.
    """

    mark: bytes | None
    grace: timedelta

    @classmethod
    def with_key(cls, key: str | None) -> "Attempt":
        """Somebody who has the token may name the attempt, by an Idempotency-Key."""
        return cls(None if key is None else fingerprint(key), timedelta(seconds=60))


IN_COOKIE: Final = Attempt(b"cookie", timedelta(seconds=10))
"""The tabs of a browser share the cookie and don't know of each other. No key has this mark."""


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Whose sessions to list: those that have not ended."""

    live_of: UUID


class SessionSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


class InvalidCredentials(Unauthenticated):
    """The e-mail or the password is wrong."""


class InvalidToken(Unauthenticated):
    """The token is not valid, or no longer."""


class TokenReused(Unauthenticated):
    """This refresh token was used before; the session was ended."""

    keeps_changes = True


class SessionNotFound(NotFound):
    """There is no such session, or it has ended."""


class EmailNotVerified(Forbidden):
    """Confirm your e-mail address first."""


def session(user_id: UUID, *, device: str | None, origin: Origin, now: datetime) -> Session:
    return Session(
        id=new_id(),
        user_id=user_id,
        device=device,
        created_at=now,
        last_used_at=now,
        expires_at=now + SESSION_LASTS,
        revoked_at=None,
        ip=origin.ip,
        user_agent=origin.user_agent,
        proved_at=now,
    )
