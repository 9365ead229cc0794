"""The vocabulary of proving that an e-mail address is one's own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.errors import Invalid
from app.core.i18n import Locale
from app.core.ids import new_id
from app.core.messages import Message
from app.domain.users import UserStatus

PURPOSE: Final = "verify-email"
"""What codes and tokens are signed for; one for anything else is worth nothing here."""
LASTS: Final = timedelta(minutes=15)
RESENT_AFTER: Final = timedelta(minutes=1)
MOST_TRIES: Final = 5
# However many codes are sent: 25 guesses at a million codes. The link is not guessed.
MOST_TRIES_A_DAY: Final = 25
DAY: Final = timedelta(days=1)
TOLD_AGAIN_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class EmailVerification:
    """Somebody says that this address is theirs. Its code is derived from the id, and not kept.

    `user_id` is the account of that address; None once a newer registration took its place.
    """

    id: UUID
    email: str
    user_id: UUID | None
    tries: int
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose letter a verification asks for, and whether another was asked for not long before."""

    email: str
    status: UserStatus
    locale: Locale
    told_before: bool


class InvalidCode(Invalid):
    """The code or the link is wrong, used up or too old."""

    keeps_changes = True  # the try counts


@dataclass(frozen=True, slots=True)
class EmailVerificationRequested(Message):
    """Somebody registered with an address, or wants its code again: its owner gets a letter."""

    verification_id: UUID


@dataclass(frozen=True, slots=True)
class EmailVerificationAskedAgain(Message):
    """Somebody wants another code; announced for an unknown address too, with a made-up id."""

    user_id: UUID


def verification(email: str, user_id: UUID, *, now: datetime) -> EmailVerification:
    return EmailVerification(
        id=new_id(),
        email=email,
        user_id=user_id,
        tries=0,
        created_at=now,
        expires_at=now + LASTS,
        used_at=None,
    )
