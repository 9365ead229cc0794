"""Signatures that anybody can check and only we can make: Ed25519 (RFC 8032)."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SEED_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What a signature is checked with: `x` as RFC 8037 writes it, `kid` its name (RFC 7638)."""

    x: str
    kid: str


class SigningKey:
    """A key for one purpose, derived from the secret key by HKDF-SHA256 (RFC 5869).

    It signs the same bytes with the same signature, always, so that none has to be kept.
    """

    def __init__(self, secret: str, purpose: str) -> None:
        derived = HKDF(SHA256(), SEED_BYTES, salt=None, info=purpose.encode())
        self._private = Ed25519PrivateKey.from_private_bytes(derived.derive(secret.encode()))
        self._public = self._private.public_key()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        try:
            self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def public(self) -> PublicKey:
        x = base64url(self._public.public_bytes_raw())
        named = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
        return PublicKey(x, base64url(sha256(named.encode()).digest()))


def base64url(content: bytes) -> str:
    """Write bytes without padding (RFC 4648, 5)."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()
