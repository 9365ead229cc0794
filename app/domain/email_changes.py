"""The vocabulary of moving an account to another e-mail address."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Invalid
from app.core.i18n import Locale
from app.core.ids import new_id
from app.core.messages import Message

LASTS: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 5
"""Changes one account may ask for in a day: each sends a letter to whatever address it names."""


class Side(StrEnum):
    """The address that has to agree: the one of the account, or the one it is to have."""

    OLD = "old"
    NEW = "new"

    @property
    def purpose(self) -> str:
        """What the tokens of a side are signed for; those of the other are worth nothing here."""
        return f"change-email-{self}"


@dataclass(frozen=True, slots=True)
class EmailChange:
    """Somebody wants another address: theirs once both, `old_email` and `email`, confirmed.

    `session_id` is where it was asked for, which stays signed in. `ended_at` tells that it was
    made, withdrawn, or replaced by another.
    """

    id: UUID
    user_id: UUID
    session_id: UUID
    old_email: str
    email: str
    created_at: datetime
    expires_at: datetime
    old_confirmed_at: datetime | None
    new_confirmed_at: datetime | None
    ended_at: datetime | None

    @property
    def waiting_for(self) -> list[Side]:
        """Return who has not confirmed; nobody once it is made."""
        confirmed = {Side.OLD: self.old_confirmed_at, Side.NEW: self.new_confirmed_at}
        return [side for side, at in confirmed.items() if at is None]


@dataclass(frozen=True, slots=True)
class ChangeLetter:
    """What the letters about a change say, in the language of its account."""

    old_email: str
    email: str
    locale: Locale


class SameEmail(Invalid):
    """This is the e-mail address you have."""

    pointer = "#/new_email"


class TooManyEmailChanges(Conflict):
    """You asked to change your e-mail address too often; try again tomorrow."""


@dataclass(frozen=True, slots=True)
class EmailChangeAsked(Message):
    """An account is to have another address: both, the old and the new, get a letter."""

    change_id: UUID


@dataclass(frozen=True, slots=True)
class EmailChanged(Message):
    """An account has another address: the one it had is told too."""

    change_id: UUID


def email_change(
    user_id: UUID, *, session_id: UUID, old: str, new: str, now: datetime
) -> EmailChange:
    return EmailChange(
        id=new_id(),
        user_id=user_id,
        session_id=session_id,
        old_email=old,
        email=new,
        created_at=now,
        expires_at=now + LASTS,
        old_confirmed_at=None,
        new_confirmed_at=None,
        ended_at=None,
    )
