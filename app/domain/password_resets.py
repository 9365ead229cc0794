"""The vocabulary of choosing a new password without the old one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.i18n import Locale
from app.core.ids import new_id
from app.core.messages import Message

PURPOSE: Final = "reset-password"
"""What tokens are signed for; one for anything else is worth nothing here."""
LASTS: Final = timedelta(minutes=30)
ISSUED_AGAIN_AFTER: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PasswordReset:
    """A letter lets its reader choose a password, once. Its token is derived from the id."""

    id: UUID
    user_id: UUID
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose reset it is, while it is worth something."""

    user_id: UUID
    email: str
    locale: Locale


@dataclass(frozen=True, slots=True)
class PasswordForgotten(Message):
    """Somebody can't come in; announced for an unknown address too, with a made-up id."""

    user_id: UUID


@dataclass(frozen=True, slots=True)
class PasswordResetIssued(Message):
    """The owner of an account may choose a new password: they get a letter."""

    reset_id: UUID


def password_reset(user_id: UUID, *, now: datetime) -> PasswordReset:
    return PasswordReset(
        id=new_id(), user_id=user_id, created_at=now, expires_at=now + LASTS, used_at=None
    )
