"""Accounts as the API shows them, to their owner."""

from typing import (
    Annotated,
    NotRequired,  # pydantic asks for this one below Python 3.12
)
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.i18n import Locale
from app.domain.roles import Role
from app.domain.users import Profile, User, UserCard
from app.schemas.accounts import SOME_ID, AnId, ATime, FullName, Phone, Username
from app.schemas.base import Request, Zone
from app.schemas.photos import photo_url


class UserRead(TypedDict):
    id: AnId
    email: Annotated[str, Field(examples=["ada@example.com"])]
    username: Annotated[str | None, Field(examples=["ada.lovelace"])]
    full_name: Annotated[str | None, Field(examples=["Ada Lovelace"])]
    phone: Annotated[str | None, Field(examples=["+12025550143"])]
    roles: Annotated[list[Role], Field(examples=[["customer"]])]
    email_verified: Annotated[bool, Field(examples=[False])]
    locale: Annotated[Locale, Field(examples=["en"])]
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])]
    photo_url: Annotated[str | None, Field(examples=[None])]
    created_at: ATime


class ProfileRead(UserRead):
    provider_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    organizer_id: Annotated[UUID | None, Field(examples=[None])]
    mfa_enabled: Annotated[bool, Field(examples=[False])]
    pending_email: Annotated[str | None, Field(examples=[None])]
    phone_verified: Annotated[bool, Field(examples=[False])]


class UserCardRead(TypedDict):
    """What everybody may know of somebody; the rest is for themselves and the staff."""

    id: AnId
    full_name: Annotated[str | None, Field(examples=["Ada Lovelace"])]
    photo_url: Annotated[str | None, Field(examples=[None])]
    roles: Annotated[list[Role], Field(examples=[["customer"]])]
    email: NotRequired[Annotated[str, Field(examples=["ada@example.com"])]]
    username: NotRequired[Annotated[str | None, Field(examples=["ada.lovelace"])]]
    phone: NotRequired[Annotated[str | None, Field(examples=["+12025550143"])]]
    email_verified: NotRequired[Annotated[bool, Field(examples=[True])]]
    locale: NotRequired[Annotated[Locale, Field(examples=["en"])]]
    timezone: NotRequired[Annotated[str, Field(examples=["Europe/Berlin"])]]
    created_at: NotRequired[ATime]


class ProfileUpdate(Request):
    """What is named is changed; null takes a name or a number away."""

    full_name: FullName | None = None
    username: Username | None = None
    phone: Phone | None = None
    # Null is no language and no zone. What is not named stays, so these defaults are never read.
    locale: Annotated[Locale, Field(default_factory=lambda: Locale.EN, examples=["en"])]
    timezone: Annotated[Zone, Field(default_factory=lambda: "UTC")]


def user_read(user: User) -> UserRead:
    return {
        "id": user.id,
        "email": user.email,
        "username": user.username,
        "full_name": user.full_name,
        "phone": user.phone,
        "roles": [Role(role) for role in user.roles],
        "email_verified": user.email_verified_at is not None,
        "locale": user.locale,
        "timezone": user.timezone,
        "photo_url": photo_url(user.photo_id),
        "created_at": user.created_at,
    }


def user_card_read(card: UserCard) -> UserCardRead:
    user = card.user
    brief: UserCardRead = {
        "id": user.id,
        "full_name": user.full_name,
        "photo_url": photo_url(user.photo_id),
        "roles": card.roles,
    }
    return {**user_read(user), **brief} if card.is_whole else brief


def profile_read(profile: Profile) -> ProfileRead:
    return {
        **user_read(profile.user),
        "provider_id": profile.provider_id,
        "organizer_id": profile.organizer_id,
        "mfa_enabled": profile.has_mfa,
        "pending_email": profile.pending_email,
        "phone_verified": profile.user.phone_verified_at is not None,
    }
