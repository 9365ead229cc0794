"""Signed deliveries as Stripe signs them (docs.stripe.com/webhooks/signature).

A header `t=...,v1=...`: HMAC-SHA256 over the time, a dot and the bytes of the body.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from app.domain.gateways import InvalidSignature

TOLERANCE: Final = 300
"""Seconds a delivery may be old, or ahead of our clock."""
MOST_SIGNATURES: Final = 16
LONGEST_TIME: Final = 12  # digits


def signature_header(body: bytes, secret: bytes, *, at: datetime) -> str:
    moment = str(int(at.timestamp()))
    return f"t={moment},v1={_signature(moment, body, secret)}"


def ensure_signed(header: str, body: bytes, secrets: Iterable[bytes], *, now: datetime) -> None:
    """Refuse with InvalidSignature unless one of the signatures is by one of the secrets.

    There are several secrets while one takes another's place, and then several signatures too.
    """
    moment, signatures = _parts(header)
    expected = [_signature(moment, body, secret).encode() for secret in secrets]
    found = [hmac.compare_digest(one, other) for one in signatures for other in expected]
    if not any(found) or abs(now.timestamp() - int(moment)) > TOLERANCE:
        raise InvalidSignature


def _parts(header: str) -> tuple[str, list[bytes]]:
    """Return the time as it stands there, for it is signed as text, and the signatures."""
    pairs = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for name, _, value in pairs if name == "t"]
    signatures = [value.encode() for name, _, value in pairs if name == "v1"]
    if len(moments) != 1 or not 0 < len(signatures) <= MOST_SIGNATURES:
        raise InvalidSignature
    moment = moments[0]
    if not (moment.isascii() and moment.isdigit() and len(moment) <= LONGEST_TIME):
        raise InvalidSignature
    return moment, signatures


def _signature(moment: str, body: bytes, secret: bytes) -> str:
    return hmac.digest(secret, moment.encode() + b"." + body, "sha256").hex()
