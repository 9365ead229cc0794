"""Accounts as those see them who look after them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, NotRequired
from uuid import UUID

from pydantic import Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core.i18n import Locale
from app.core.listing import PageRequest
from app.domain.accounts import (
    MOST_AT_ONCE,
    AccountFilter,
    AccountSort,
    BulkAction,
    NewAccount,
)
from app.domain.permissions import Permission
from app.domain.roles import Role
from app.domain.users import User, UserStatus
from app.schemas.accounts import SOME_ID, AnId, Email, FullName, NewPassword, Phone, Username
from app.schemas.base import ABSENT, Id, Instant, Line, ListQuery, Request, Zone
from app.schemas.users import UserRead, user_read

Roles = Annotated[list[Role], Field(max_length=len(Role), examples=[["customer", "management"]])]
Permissions = Annotated[
    list[Permission], Field(max_length=len(Permission), examples=[["audit:read"]])
]


class AdminUserRead(UserRead):
    status: Annotated[UserStatus, Field(examples=["active"])]
    permissions: Annotated[list[str], Field(examples=[["audit:read"]])]
    requested_role: Annotated[Role | None, Field(examples=[None])]
    last_login_at: Annotated[datetime | None, Field(examples=["2030-01-31T09:00:00Z"])]


class AdminUserCreate(Request):
    """An account that can be used at once; without a password its owner is sent a link."""

    email: Email
    password: NewPassword | None = None
    full_name: FullName | None = None
    username: Username | None = None
    phone: Phone | None = None
    roles: Roles = [Role.CUSTOMER]
    """Everybody is a customer too."""
    permissions: Permissions = []
    """Beside those of the roles; for staff alone."""
    locale: Annotated[Locale, Field(examples=["en"])] = Locale.EN
    timezone: Zone = "UTC"

    def account(self) -> NewAccount:
        return NewAccount(
            email=self.email,
            password=self.password,
            locale=self.locale,
            full_name=self.full_name,
            username=self.username,
            phone=self.phone,
            timezone=self.timezone,
            roles=self.roles,
            permissions=self.permissions,
        )


class AdminUserUpdate(Request):
    """What is named is changed; null takes a name or a number away."""

    full_name: FullName | None = None
    username: Username | None = None
    phone: Phone | None = None
    locale: Annotated[Locale, Field(examples=["en"])] = ABSENT
    timezone: Zone = ABSENT
    roles: Roles = ABSENT
    """All of them: who is not named here any more has lost it. Everybody stays a customer."""
    permissions: Permissions = ABSENT
    status: Annotated[
        Literal[UserStatus.ACTIVE, UserStatus.DEACTIVATED], Field(examples=["deactivated"])
    ] = ABSENT


class BulkChange(Request):
    ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_AT_ONCE, examples=[[SOME_ID]])]
    action: Annotated[BulkAction, Field(examples=["add_role"])]
    role: Annotated[Role | None, Field(validate_default=True, examples=["management"])] = None
    """Which, for `add_role` and `remove_role`."""

    @field_validator("ids")
    @classmethod
    def _each_once(cls, ids: list[UUID]) -> list[UUID]:
        if len(set(ids)) < len(ids):
            raise ValueError("An account is named twice.")
        return ids

    @field_validator("role")
    @classmethod
    def _where_it_belongs(cls, role: Role | None, info: ValidationInfo) -> Role | None:
        action: BulkAction | None = info.data.get("action")
        if action is not None and action.of_roles != (role is not None):
            raise ValueError("Name a role to add or remove one, and only then.")
        return role


class BulkProblem(TypedDict):
    """Why an account was left as it is."""

    type: Annotated[str, Field(examples=["/problems/last-super-admin"])]
    title: Annotated[
        str, Field(examples=["Nobody else is a super administrator, and one has to stay."])
    ]
    status: Annotated[int, Field(examples=[409])]
    detail: Annotated[
        str, Field(examples=["Nobody else is a super administrator, and one has to stay."])
    ]
    code: Annotated[str, Field(examples=["last-super-admin"])]


class BulkResult(TypedDict):
    """`ok`: the account is as was asked, whether or not it had to be changed for it."""

    id: AnId
    ok: Annotated[bool, Field(examples=[False])]
    problem: NotRequired[BulkProblem]


class BulkRead(TypedDict):
    """In the order of the ids."""

    results: list[BulkResult]


def admin_user_read(user: User) -> AdminUserRead:
    return {
        **user_read(user),
        "status": user.status,
        "permissions": user.permissions,
        "requested_role": user.requested_role,
        "last_login_at": user.last_login_at,
    }


def bulk_read(results: Sequence[BulkResult]) -> BulkRead:
    return {"results": list(results)}


class AdminUserQuery(ListQuery):
    sort: AccountSort = AccountSort.NEWEST
    q: Annotated[Line, Field(min_length=1, max_length=100, examples=["lovelace"])] | None = None
    """A part of the e-mail address, the username, the name or the phone number."""
    role: Role | None = None
    status: UserStatus | None = None
    requested_role: Role | None = None
    """Who waits for this role."""
    created_from: Instant | None = None
    """Made at or after."""
    created_before: Instant | None = None

    def wanted(self) -> AccountFilter:
        return AccountFilter(
            self.q,
            self.role,
            self.status,
            self.created_from,
            self.created_before,
            self.requested_role,
        )

    def page(self) -> PageRequest[AccountSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
