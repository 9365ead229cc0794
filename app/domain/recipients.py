"""Who is told something: where they can be reached, in which language, and what they want."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.core.i18n import Locale
from app.domain.notification_preferences import Choices, NotificationPreferences
from app.domain.notifications import Channel
from app.domain.users import UserStatus


@dataclass(frozen=True, slots=True)
class Target:
    """Where something goes; `id` tells one device from others."""

    address: str = field(repr=False)
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    id: UUID
    email: str
    phone: str | None
    phone_verified_at: datetime | None
    status: UserStatus
    locale: Locale
    timezone: str
    erased_at: datetime | None
    choices: Choices
    quiet_start: int | None
    quiet_end: int | None

    @property
    def is_written_to(self) -> bool:
        """Tell whether the account is in use: nobody else is told anything."""
        return self.status is UserStatus.ACTIVE and self.erased_at is None

    @property
    def preferences(self) -> NotificationPreferences:
        return NotificationPreferences(self.id, self.choices, self.quiet_start, self.quiet_end)

    def address(self, channel: Channel) -> str | None:
        """Return where they are reached by a channel with one address; None where they are not."""
        match channel:
            case Channel.EMAIL:
                return self.email
            case Channel.SMS:
                return self.phone if self.phone_verified_at is not None else None
        return None
