"""The vocabulary of accounts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Invalid
from app.core.i18n import Locale
from app.core.ids import new_id
from app.domain.providers import Provider, ProviderStatus
from app.domain.roles import STAFF, Role

LONGEST_NAME: Final = 100


class UserStatus(StrEnum):
    """`pending`: nobody has shown yet that the e-mail address is theirs. Owns nothing."""

    ACTIVE = "active"
    PENDING = "pending"
    DEACTIVATED = "deactivated"


class AccountType(StrEnum):
    """What somebody registers as; the role of the same name goes with it, or is asked for."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    ORGANIZER = "organizer"


@dataclass(frozen=True, slots=True)
class User:
    """An account. `email` is in lower case; `phone` is E.164; `roles` hold Role values.

    `permissions` are single ones, beside those of the roles. `requested_role` waits for an
    administrator. Of one that was erased nothing of the person is left.

    The `username` of a pending account is a wish: it is claimed with the e-mail address.
    """

    id: UUID
    email: str
    username: str | None
    full_name: str | None
    phone: str | None
    password_hash: str | None = field(repr=False)
    roles: list[str]
    permissions: list[str]
    requested_role: Role | None
    status: UserStatus
    locale: Locale
    timezone: str
    photo_id: UUID | None
    email_verified_at: datetime | None
    last_login_at: datetime | None
    erased_at: datetime | None
    created_at: datetime
    updated_at: datetime
    phone_verified_at: datetime | None = None

    def has(self, role: Role) -> bool:
        return role in self.roles

    @property
    def is_pending(self) -> bool:
        return self.status is UserStatus.PENDING


@dataclass(frozen=True, slots=True)
class Profile:
    """One's own account, and what it is in the business."""

    user: User
    provider_id: UUID | None
    has_mfa: bool
    pending_email: str | None

    @property
    def organizer_id(self) -> UUID | None:
        """Whose events they are; an organizer is nothing beside the account."""
        return self.user.id if self.user.has(Role.ORGANIZER) else None


@dataclass(frozen=True, slots=True)
class UserCard:
    """An account as somebody sees it: the whole of it, or no more than everybody may know."""

    user: User
    is_whole: bool

    @property
    def roles(self) -> list[Role]:
        """Return the roles to be shown: who works for the platform is not told to everybody."""
        roles = list(map(Role, self.user.roles))
        return [role for role in roles if self.is_whole or role not in STAFF]


@dataclass(frozen=True, slots=True)
class Registration:
    """Who somebody says they are."""

    email: str
    password: str = field(repr=False)
    locale: Locale
    full_name: str | None = None
    username: str | None = None
    phone: str | None = None
    account_type: AccountType = AccountType.CUSTOMER
    timezone: str = "UTC"


class UsernameTaken(Conflict):
    """Somebody else has this username."""


class InvalidEmail(Invalid):
    """This is not an e-mail address."""

    pointer = "#/email"


def registered(
    wanted: Registration, *, password_hash: str, now: datetime, approved_by_hand: bool = False
) -> User:
    """Return the account of a registration; it can't be used before its address is confirmed.

    Where accounts are approved by hand, who wants to be more than a customer waits for it.
    """
    role = Role(wanted.account_type)
    waits = approved_by_hand and role is not Role.CUSTOMER
    return User(
        id=new_id(),
        email=wanted.email,
        username=wanted.username,
        full_name=wanted.full_name,
        phone=wanted.phone,
        password_hash=password_hash,
        roles=list(dict.fromkeys([str(Role.CUSTOMER), str(Role.CUSTOMER if waits else role)])),
        permissions=[],
        requested_role=role if waits else None,
        status=UserStatus.PENDING,
        locale=wanted.locale,
        timezone=wanted.timezone,
        photo_id=None,
        email_verified_at=None,
        last_login_at=None,
        erased_at=None,
        created_at=now,
        updated_at=now,
    )


def provider_of(user: User) -> Provider:
    """Return what makes an account one that performs services, and can be booked."""
    return Provider(
        id=new_id(),
        user_id=user.id,
        name=user.full_name or user.email.partition("@")[0][:LONGEST_NAME],
        bio=None,
        timezone=user.timezone,
        location=None,
        latitude=None,
        longitude=None,
        photo_id=user.photo_id,
        status=ProviderStatus.ACTIVE,
        rating_average=0.0,
        rating_count=0,
        created_at=user.updated_at,
        updated_at=user.updated_at,
    )
