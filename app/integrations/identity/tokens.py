"""Id tokens: believed after signature and all claims were checked (OIDC Core 1.0, 3.1.3.7)."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key, KeySet, import_key

from app.core.crypto import same
from app.domain.identities import LONGEST_SUBJECT, IdentityRefused
from app.integrations.identity.wire import Unusable

# None that a public key could be taken for a shared one with, and never `none`.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512"),
)
KINDS: Final = ("RSA", "EC")
EARLIEST: Final = 0
LATEST: Final = 1 << 40  # seconds since 1970: no date of ours, and no float that is not one
SKEW: Final = 60  # seconds by which another machine's clock may be wrong
BROKEN: Final = (
    *(JoseError, SecurityWarning),
    *(AttributeError, KeyError, RecursionError, TypeError, ValueError),
)
REGISTRY: Final = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Expected:
    """For whom an id token must be, from whom, and in answer to what."""

    issuer: str
    client_id: str
    nonce: str
    now: float


def read_keys(document: Mapping[str, Any]) -> KeySet:
    """Return what signs of a key set (RFC 7517); a key that can't be used is left out."""
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise Unusable("offers no set of keys")
    return KeySet([key for entry in entries if (key := _key(entry)) is not None])


def knows(keys: KeySet, token: str) -> bool:
    """Tell whether there is a key by the name that the token gives; refuse what is no token."""
    try:
        kid = jws.extract_compact(token.encode(), registry=REGISTRY).headers().get("kid")
    except BROKEN as error:
        raise IdentityRefused from error
    return any(key.kid == kid for key in keys) if kid is not None else len(keys.keys) == 1


def verified(token: str, keys: KeySet, expected: Expected) -> Mapping[str, Any]:
    """Return the claims of a good token; refuse any other with IdentityRefused."""
    try:
        claims = jwt.decode(token, keys, registry=REGISTRY).claims
    except BROKEN as error:
        raise IdentityRefused from error
    if not (
        claims.get("iss") == expected.issuer
        and _is_for(expected.client_id, claims)
        and _is_current(claims, expected.now)
        and _is_same(claims.get("nonce"), expected.nonce)
        and is_subject(claims.get("sub"))
    ):
        raise IdentityRefused
    return claims


def is_subject(value: object) -> bool:
    """Tell whether it can name somebody: 1 to 255 characters of ASCII."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_SUBJECT
        and value.isascii()
        and value.isprintable()
    )


def _key(entry: object) -> Key | None:
    if not isinstance(entry, dict) or entry.get("kty") not in KINDS:
        return None
    if entry.get("use", "sig") != "sig":
        return None
    with suppress(*BROKEN):
        return import_key(entry)
    return None


def _is_for(client_id: str, claims: Mapping[str, Any]) -> bool:
    """Tell whether the token is ours; of several it is for, we must be who asked for it."""
    aud, azp = claims.get("aud"), claims.get("azp")
    audience = aud if isinstance(aud, list) else [aud]
    if client_id not in audience:
        return False
    return azp == client_id if len(audience) > 1 or azp is not None else True


def _is_current(claims: Mapping[str, Any], now: float) -> bool:
    issued, expires, not_before = claims.get("iat"), claims.get("exp"), claims.get("nbf", now)
    if not (_is_time(issued) and _is_time(expires) and _is_time(not_before)):
        return False
    return issued <= now + SKEW and not_before <= now + SKEW and now < expires + SKEW


def _is_time(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return EARLIEST <= value < LATEST  # and so neither NaN nor infinite


def _is_same(value: object, expected: str) -> bool:
    return isinstance(value, str) and value.isascii() and same(value, expected)
