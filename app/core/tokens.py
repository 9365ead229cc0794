"""Access tokens: signed here, and believed only after every claim was checked (RFC 8725)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from jose import JWTError, jwt
from jose.backends.native import HMACKey

from app.core.clock import Clock
from app.core.errors import Unauthenticated

ALGORITHM: Final = "HS256"
ISSUER: Final = "banister"
ACCESS: Final = "access"
SKEW: Final = 60  # seconds by which another machine's clock may run ahead
LONGEST: Final = 86_400  # seconds a token may last at the most, whatever it says
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
        self._signed = lru_cache(KNOWN)(self._read)

    def sign(self, claims: Claims, *, lasts: timedelta) -> str:
        now = int(self._clock().timestamp())
        body: dict[str, Any] = {
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "typ": ACCESS,
            "iss": ISSUER,
            "aud": ISSUER,
            "iat": now,
            "exp": now + int(lasts.total_seconds()),
        }
        return jwt.encode(body, self._key, algorithm=ALGORITHM)

    def verify(self, token: str) -> Claims:
        """Return who the token was made for; refuse with Unauthenticated."""
        claims, issued, expires = self._signed(token)
        if not self._is_current(issued, expires):
            raise Unauthenticated
        return claims

    def _read(self, token: str) -> tuple[Claims, object, object]:
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
            if body["typ"] != ACCESS:
                raise Unauthenticated
            return Claims(UUID(body["sub"]), UUID(body["sid"])), body["iat"], body["exp"]
        except (JWTError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unauthenticated from error

    def _is_current(self, issued: object, expires: object) -> bool:
        if type(issued) is not int or type(expires) is not int:
            return False
        now = self._clock().timestamp()
        return issued <= now + SKEW and now < expires <= issued + LONGEST
