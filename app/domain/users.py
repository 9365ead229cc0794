"""The vocabulary of accounts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.i18n import Locale
from app.domain.actors import Role


class UserStatus(StrEnum):
    ACTIVE = "active"
    PENDING = "pending"
    DEACTIVATED = "deactivated"


class AccountType(StrEnum):
    """What somebody registers as; the role of the same name is given with it."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    ORGANIZER = "organizer"


@dataclass(frozen=True, slots=True)
class User:
    """An account. `email` is in lower case; `phone` is E.164; `roles` hold Role values."""

    id: UUID
    email: str
    username: str | None
    full_name: str | None
    phone: str | None
    password_hash: str | None
    roles: list[str]
    status: UserStatus
    locale: Locale
    timezone: str
    photo_url: str | None
    email_verified_at: datetime | None
    last_login_at: datetime | None
    created_at: datetime
    updated_at: datetime

    def has(self, role: Role) -> bool:
        return role in self.roles
