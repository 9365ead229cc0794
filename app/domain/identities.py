"""The vocabulary of signing in with an account elsewhere (OpenID Connect)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable
from app.core.i18n import Locale
from app.core.ids import new_id
from app.domain.contacts import email_address
from app.domain.users import LONGEST_NAME, Registration, User, UserStatus, registered

LASTS: Final = timedelta(minutes=10)
LONGEST_SUBJECT: Final = 255  # OpenID Connect Core 1.0, 2
# What is derived from a flow's id, see `Signer`.
STATE_PURPOSE: Final = "oauth-state"
NONCE_PURPOSE: Final = "oauth-nonce"
VERIFIER_PURPOSE: Final = "oauth-verifier"


@dataclass(frozen=True, slots=True)
class OauthFlow:
    """A sign-in that was begun elsewhere, and can be ended here once."""

    id: UUID
    provider: str
    redirect_uri: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send somebody, and until when they must be back.

    `browser` is the secret of the browser in which the flow began, for its cookie.
    """

    authorization_url: str = field(repr=False)
    state: str = field(repr=False)
    browser: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What a provider was asked to sign in with; `nonce` and `verifier` belong to one flow."""

    redirect_uri: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, as a provider that was checked says. None: it does not say.

    `email` is there only where the provider has verified it.
    """

    provider: str
    subject: str
    email: str | None
    full_name: str | None
    locale: Locale | None


@dataclass(frozen=True, slots=True)
class Identity:
    """An account elsewhere that opens an account here."""

    provider: str
    subject: str
    user_id: UUID
    email: str | None
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class IdentityFilter:
    """Whose identities to list."""

    user_id: UUID


class IdentitySort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


class IdentityProviderNotFound(NotFound):
    """Nobody signs in with this provider here."""


class RedirectNotAllowed(Invalid):
    """Nobody is sent back to this address."""

    pointer = "#/redirect_uri"


class IdentityRefused(Unauthenticated):
    """This sign-in is not valid, or no longer; begin it again."""


class IdentityEmailNotVerified(Forbidden):
    """The provider has not verified an e-mail address of yours."""


class IdentityNotFound(NotFound):
    """No account of this provider opens yours."""


class LastWayIn(Conflict):
    """You have no other way to sign in; choose a password first."""


class IdentityProviderUnavailable(Unavailable):
    """The provider you sign in with is not answering; try again in a moment."""


def flow(provider: str, redirect_uri: str, *, now: datetime) -> OauthFlow:
    return OauthFlow(
        id=new_id(),
        provider=provider,
        redirect_uri=redirect_uri,
        created_at=now,
        expires_at=now + LASTS,
        used_at=None,
    )


def person(provider: str, claims: Mapping[str, Any]) -> Person:
    """Return what of a provider's claims is used here; what can't be is as if it were not said.

    Its `sub` must have been checked.
    """
    return Person(
        provider=provider,
        subject=claims["sub"],
        email=_verified_email(claims),
        full_name=_full_name(claims),
        locale=_locale(claims.get("locale")),
    )


def account(of: Person, email: str, *, spoken: Locale, now: datetime) -> User:
    """Return an account without a password, whose address the provider answers for."""
    wanted = Registration(
        email=email, password="", locale=of.locale or spoken, full_name=of.full_name
    )
    return replace(
        registered(wanted, password_hash="", now=now),
        password_hash=None,
        status=UserStatus.ACTIVE,
        email_verified_at=now,
    )


def link(of: Person, user_id: UUID, *, now: datetime) -> Identity:
    return Identity(
        provider=of.provider,
        subject=of.subject,
        user_id=user_id,
        email=of.email,
        created_at=now,
        last_used_at=now,
    )


def _verified_email(claims: Mapping[str, Any]) -> str | None:
    """Return the address in our form. Nothing but a JSON `true` makes it a verified one."""
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str):
        return None
    try:
        return email_address(email)
    except ValueError:
        return None


def _full_name(claims: Mapping[str, Any]) -> str | None:
    parts = (_line(claims.get("given_name")), _line(claims.get("family_name")))
    name = _line(claims.get("name")) or " ".join(filter(None, parts))
    return name[:LONGEST_NAME].strip() or None


def _line(said: object) -> str:
    """Return a line as our own forms take it: composed, trimmed, without control characters."""
    if not isinstance(said, str):
        return ""
    kept = (letter for letter in said if unicodedata.category(letter) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _locale(said: object) -> Locale | None:
    """Return the language of a tag such as `uk-UA` (BCP 47), if it is one of ours."""
    language = said.replace("_", "-").partition("-")[0].lower() if isinstance(said, str) else ""
    return Locale(language) if language in set(Locale) else None
