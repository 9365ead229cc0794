"""The vocabulary of second factors: codes of an app (TOTP, RFC 6238), and those for its loss."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import pyotp

from app.core.crypto import new_word, same
from app.core.errors import Conflict, Invalid, Unauthenticated
from app.core.ids import new_id

ISSUER: Final = "Banister"
"""What an authenticator app shows beside the codes."""
SECRET_PURPOSE: Final = "totp"  # noqa: S105  # what secrets are derived for, see `Signer`
RECOVERY_PURPOSE: Final = "recovery-code"
MARK_PURPOSE: Final = "mfa-token"
MFA_TOKEN_LASTS: Final = timedelta(minutes=5)
SET_UP_LASTS: Final = timedelta(minutes=30)
STEP: Final = 30  # seconds
DRIFT: Final = (-1, 0, 1)  # steps by which the clock of a telephone may be wrong
RECOVERY_CODES: Final = 10
# Crockford's: without i, l, o and u, which are read as something else. 5 bits each, 50 in a code.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
MISREAD: Final = str.maketrans("ilo", "110")
OF_THE_APP: Final = re.compile("[0-9]{6}")


@dataclass(frozen=True, slots=True)
class TotpFactor:
    """An app that makes codes. Its secret is derived from the id, and not kept.

    It counts once it was activated. No code of `last_step` or before is taken any more.
    """

    id: UUID
    user_id: UUID
    created_at: datetime
    activated_at: datetime | None
    last_step: int

    @property
    def is_active(self) -> bool:
        return self.activated_at is not None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app is given to make codes of, by hand or, as `uri`, by a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


class MfaRequired(Unauthenticated):
    """Send a code of your second factor and the mfa_token to POST /auth/login/mfa."""

    keeps_changes = True  # what led here was right: a hash made anew, a sign-in elsewhere used up
    example = {"mfa_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbg"}


class MfaAlreadyOn(Conflict):
    """The second factor is on; turn it off before you set up another."""


class MfaNotOn(Conflict):
    """The second factor is not on."""


class MfaNotSetUp(Conflict):
    """There is no second factor to activate; begin with POST /auth/mfa/totp."""


class MfaRequiredForStaff(Conflict):
    """Those who work here can't turn their second factor off."""


class WrongCode(Invalid):
    """The code is wrong, too old or used up."""

    pointer = "#/code"


class WrongPassword(Invalid):
    """This is not your password."""

    pointer = "#/password"


def factor(user_id: UUID, *, now: datetime) -> TotpFactor:
    return TotpFactor(new_id(), user_id, created_at=now, activated_at=None, last_step=0)


def ensure_active(made: TotpFactor | None) -> TotpFactor:
    """Return a factor that is on; refuse with MfaNotOn."""
    if made is None or not made.is_active:
        raise MfaNotOn
    return made


def ensure_waiting(made: TotpFactor | None, *, now: datetime) -> TotpFactor:
    """Return a factor that was set up and can be turned on still."""
    if made is not None and made.is_active:
        raise MfaAlreadyOn
    if made is None or made.created_at + SET_UP_LASTS <= now:
        raise MfaNotSetUp
    return made


def enrolment(secret: str, *, email: str) -> Enrolment:
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
    return Enrolment(secret, uri)


def clean(code: str) -> str:
    """Return a code as it was made, however it was typed: with spaces, hyphens, capitals.

    Nothing but ASCII is ever made: what only looks like it, or counts as a digit, is no code.
    """
    typed = "".join(code.split()).replace("-", "")
    if not typed.isascii():
        return ""
    return typed if is_of_the_app(typed) else typed.lower().translate(MISREAD)


def is_of_the_app(typed: str) -> bool:
    return OF_THE_APP.fullmatch(typed) is not None


def matching_step(secret: str, code: str, *, now: datetime) -> int | None:
    """Return of which step near now this is the code."""
    app, current = pyotp.TOTP(secret, interval=STEP), int(now.timestamp()) // STEP
    steps = (current + drift for drift in DRIFT)
    return next((step for step in steps if same(app.generate_otp(step), code)), None)


def recovery_codes() -> list[str]:
    """Return new codes, to be shown once: `7rk2m-x0v9d`."""
    words = (new_word(ALPHABET, 10) for _ in range(RECOVERY_CODES))
    return [f"{word[:5]}-{word[5:]}" for word in words]
