"""The vocabulary of proving that a phone number is one's own."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.errors import Conflict
from app.core.i18n import Locale
from app.core.ids import new_id
from app.core.messages import Message

PURPOSE: Final = "verify-phone"
"""What codes are signed for; one for anything else is worth nothing here."""
LASTS: Final = timedelta(minutes=15)
MOST_TRIES: Final = 5
COUNTED_FOR: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PhoneVerification:
    """Somebody says that this number is theirs. Its code is derived from the id, and not kept.

    `tried_at` is when the code was first handed to what sends text messages.
    """

    id: UUID
    user_id: UUID
    phone: str = field(repr=False)
    tries: int
    created_at: datetime
    expires_at: datetime
    tried_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Called:
    """Whose telephone a code goes to, and in which language; `tried_at` as above."""

    phone: str = field(repr=False)
    locale: Locale
    tried_at: datetime | None


@dataclass(frozen=True, slots=True)
class PhoneVerificationAsked(Message):
    """Somebody wants to show that a number is theirs: a code goes to it."""

    verification_id: UUID


class NoPhone(Conflict):
    """There is no phone number in your profile; put one there first."""


class PhoneAlreadyVerified(Conflict):
    """You have shown already that this phone number is yours."""


class SmsNotOffered(Conflict):
    """No text messages are sent from here."""


def phone_verification(user_id: UUID, phone: str, *, now: datetime) -> PhoneVerification:
    return PhoneVerification(
        id=new_id(),
        user_id=user_id,
        phone=phone,
        tries=0,
        created_at=now,
        expires_at=now + LASTS,
        tried_at=None,
        used_at=None,
    )
