"""The vocabulary of looking after other people's accounts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.core.errors import AppError, Conflict, Invalid, NotFound
from app.core.i18n import Locale
from app.domain.permissions import Permission, alphabetical, granted, readable
from app.domain.roles import STAFF, Role
from app.domain.users import Registration, User, UserStatus, registered

MOST_AT_ONCE: Final = 100
POWERS: Final = frozenset({"roles", "permissions"})
"""The fields of an account that say what somebody may do."""


class AccountSort(StrEnum):
    """Who has no name, and who never came in, stands before all others."""

    OLDEST = "created_at"
    NEWEST = "-created_at"
    EMAIL = "email"
    EMAIL_DOWN = "-email"
    NAME = "full_name"
    NAME_DOWN = "-full_name"
    LONGEST_AWAY = "last_login_at"
    LAST_SEEN = "-last_login_at"


class BulkAction(StrEnum):
    ACTIVATE = "activate"
    ADD_ROLE = "add_role"
    DEACTIVATE = "deactivate"
    REMOVE_ROLE = "remove_role"

    @property
    def of_roles(self) -> bool:
        return self in (BulkAction.ADD_ROLE, BulkAction.REMOVE_ROLE)


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts to list; None means any. `q` is a part of what they are found by."""

    q: str | None = None
    role: Role | None = None
    status: UserStatus | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    requested_role: Role | None = None
    is_kept: bool = True  # and was not erased


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account that is made for somebody; without a password they choose one themselves."""

    email: str
    password: str | None = field(repr=False)
    locale: Locale
    full_name: str | None
    username: str | None
    phone: str | None
    timezone: str
    roles: list[Role]
    permissions: list[Permission]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one account of many; no refusal: it is as was asked."""

    user_id: UUID
    refusal: AppError | None = None


class UserNotFound(NotFound):
    """There is no such user."""


class EmailTaken(Conflict):
    """There is an account with this e-mail address."""


class AccountPending(Conflict):
    """Nobody has confirmed the e-mail address of this account yet."""


class OwnAccount(Conflict):
    """Nobody deactivates or erases themselves here."""


class LastSuperAdmin(Conflict):
    """Nobody else is a super administrator, and one has to stay."""


class PermissionsOfStaff(Invalid):
    """Single permissions are for those who work here."""

    pointer = "#/permissions"


class CustomerStays(Invalid):
    """Everybody stays a customer."""

    pointer = "#/role"


def powers(user: User) -> frozenset[Permission]:
    """Return all that its owner may do, by roles and one by one."""
    return granted(frozenset(map(Role, user.roles)), readable(user.permissions))


def is_acting_super_admin(user: User) -> bool:
    return user.has(Role.SUPER_ADMIN) and user.status is UserStatus.ACTIVE


def performs(user: User) -> bool:
    """Tell whether they can be booked, as far as the account goes."""
    return user.has(Role.PROVIDER) and user.status is UserStatus.ACTIVE


def opened(wanted: NewAccount, *, password_hash: str | None, now: datetime) -> User:
    """Return the account, confirmed: whoever makes it answers for the address."""
    who = Registration(
        email=wanted.email,
        password="",
        locale=wanted.locale,
        full_name=wanted.full_name,
        username=wanted.username,
        phone=wanted.phone,
        timezone=wanted.timezone,
    )
    made = replace(
        registered(who, password_hash="", now=now),
        password_hash=password_hash,
        status=UserStatus.ACTIVE,
        email_verified_at=now,
    )
    return changed(made, {"roles": wanted.roles, "permissions": wanted.permissions}, now=now)


def changed(user: User, given: Mapping[str, Any], *, now: datetime) -> User:
    """Return the account as it is to be: the very same one where nothing differs.

    Single permissions go with the last role of staff, and a wish with the role that fulfils it.
    """
    new = replace(user, **given)
    new = replace(new, roles=_arranged(new.roles), permissions=_arranged_single(new.permissions))
    if new.permissions and STAFF.isdisjoint(new.roles):
        if given.get("permissions"):
            raise PermissionsOfStaff
        new = replace(new, permissions=[])
    if new.requested_role in new.roles:
        new = replace(new, requested_role=None)
    return replace(new, updated_at=now) if _differ(user, new) else user


def asked_of(user: User, action: BulkAction, role: Role | None) -> dict[str, Any]:
    """Return the fields of an account that an action on many gives another value."""
    match action:
        case BulkAction.ACTIVATE:
            return {"status": UserStatus.ACTIVE}
        case BulkAction.DEACTIVATE:
            return {"status": UserStatus.DEACTIVATED}
        case BulkAction.ADD_ROLE:
            return {"roles": [*user.roles, str(role)]}
        case BulkAction.REMOVE_ROLE:
            wish = None if user.requested_role is role else user.requested_role
            return {"roles": [one for one in user.roles if one != role], "requested_role": wish}


def ensure_can_be_changed(user: User) -> None:
    """Refuse what nobody has shown to be theirs."""
    if user.is_pending:
        raise AccountPending


def act(before: User, after: User) -> str:
    """Return what a change is called in the log: by what weighs most."""
    if powers(before) != powers(after) or set(before.roles) != set(after.roles):
        return "user.roles_changed"
    if before.status is not after.status:
        return "user.activated" if after.status is UserStatus.ACTIVE else "user.deactivated"
    return "user.changed"


def _arranged(roles: Iterable[str]) -> list[str]:
    """Return each role once in the order they have, the customer first and always."""
    return [str(role) for role in Role if role is Role.CUSTOMER or role in set(roles)]


def _arranged_single(permissions: Iterable[str]) -> list[str]:
    return [str(permission) for permission in alphabetical(readable(permissions))]


def _differ(old: User, new: User) -> bool:
    """Tell whether more than an order differs."""
    same = replace(
        new,
        roles=old.roles if set(old.roles) == set(new.roles) else new.roles,
        permissions=old.permissions
        if set(old.permissions) == set(new.permissions)
        else new.permissions,
    )
    return same != old
