"""Tokens: signed here, and believed only after every claim was checked (RFC 8725)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final, TypeVar
from uuid import UUID

from jose import JWTError, jwt
from jose.backends.native import HMACKey

from app.core.clock import Clock
from app.core.errors import Unauthenticated

Told = TypeVar("Told")
ALGORITHM: Final = "HS256"
ISSUER: Final = "banister"
ACCESS: Final = "access"
MFA: Final = "mfa"
SKEW: Final = 60  # seconds by which another machine's clock may run ahead
LONGEST: Final = 86_400  # seconds a token may last at the most, whatever it says
LONGEST_MFA: Final = 600
KNOWN: Final = 4096  # tokens whose signature was found good, and need not be checked again
# The last of 43 characters has two bits to spare, which a strict reader wants to be zero.
SIGNATURE: Final = r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"
# The times are compared with our own clock, below; jose would read the system's.
CHECKED: Final = {
    **{f"require_{claim}": True for claim in ("exp", "iat", "aud", "iss", "sub")},
    "verify_exp": False,
    "verify_iat": False,
}


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    session_id: UUID


@dataclass(frozen=True, slots=True)
class MfaClaims:
    """Somebody who has shown a password, whose code is waited for. `mark` tells which password."""

    user_id: UUID
    mark: str


class Tokens:
    """Signs and verifies with one key of 32 bytes or more."""

    def __init__(self, secret: str, clock: Clock) -> None:
        if len(secret.encode()) < 32:
            raise ValueError("the secret must have 32 bytes or more")
        self._key = HMACKey(secret, ALGORITHM)  # made once; jose would make one for each token
        self._clock = clock
        # One header is ours: no other algorithm, key or extension is even looked at.
        header = jwt.encode({}, self._key, algorithm=ALGORITHM).partition(".")[0]
        self._form = re.compile(rf"{re.escape(header)}\.[A-Za-z0-9_-]+\.{SIGNATURE}")
        self._signed = lru_cache(KNOWN)(lambda token: self._read(token, ACCESS, _claims))

    def sign(self, claims: Claims, *, lasts: timedelta) -> str:
        return self._sign(ACCESS, claims.user_id, {"sid": str(claims.session_id)}, lasts)

    def verify(self, token: str) -> Claims:
        """Return who the token was made for; refuse with Unauthenticated."""
        claims, issued, expires = self._signed(token)
        if not self._is_current(issued, expires, LONGEST):
            raise Unauthenticated
        return claims

    def sign_mfa(self, claims: MfaClaims, *, lasts: timedelta) -> str:
        return self._sign(MFA, claims.user_id, {"pwd": claims.mark}, lasts)

    def verify_mfa(self, token: str) -> MfaClaims:
        """Return whose code is waited for; refuse with Unauthenticated."""
        claims, issued, expires = self._read(token, MFA, _mfa_claims)
        if not self._is_current(issued, expires, LONGEST_MFA):
            raise Unauthenticated
        return claims

    def _sign(self, typ: str, user_id: UUID, more: dict[str, str], lasts: timedelta) -> str:
        now = int(self._clock().timestamp())
        body: dict[str, Any] = {
            "sub": str(user_id),
            **more,
            "typ": typ,
            "iss": ISSUER,
            "aud": ISSUER,
            "iat": now,
            "exp": now + int(lasts.total_seconds()),
        }
        return jwt.encode(body, self._key, algorithm=ALGORITHM)

    def _read(
        self, token: str, typ: str, claims: Callable[[Mapping[str, Any]], Told]
    ) -> tuple[Told, object, object]:
        """Return what was signed: for whom, when and until when. That never changes."""
        if not self._form.fullmatch(token):
            raise Unauthenticated
        try:
            body = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=ISSUER,
                issuer=ISSUER,
                options=CHECKED,
            )
            if body["typ"] != typ:
                raise Unauthenticated
            return claims(body), body["iat"], body["exp"]
        except (JWTError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unauthenticated from error

    def _is_current(self, issued: object, expires: object, longest: int) -> bool:
        if type(issued) is not int or type(expires) is not int:
            return False
        now = self._clock().timestamp()
        return issued <= now + SKEW and now < expires <= issued + longest


def _claims(body: Mapping[str, Any]) -> Claims:
    return Claims(UUID(body["sub"]), UUID(body["sid"]))


def _mfa_claims(body: Mapping[str, Any]) -> MfaClaims:
    if type(body["pwd"]) is not str:
        raise TypeError("a mark is text")
    return MfaClaims(UUID(body["sub"]), body["pwd"])
