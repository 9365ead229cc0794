"""Signatures that anybody can check."""

import json
from base64 import urlsafe_b64decode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.core.signatures import SigningKey, base64url

SECRET = "a secret key of thirty-two bytes"


@pytest.fixture
def key():
    return SigningKey(SECRET, "tests")


def test_a_signature_is_checked_with_what_is_public(key):
    x = urlsafe_b64decode(key.public().x + "=")

    Ed25519PublicKey.from_public_bytes(x).verify(key.sign(b"seat 12"), b"seat 12")


def test_the_same_bytes_have_one_signature_also_after_a_restart(key):
    assert key.sign(b"seat 12") == SigningKey(SECRET, "tests").sign(b"seat 12")


def test_what_was_signed_is_known_again(key):
    assert key.has_signed(b"seat 12", key.sign(b"seat 12"))
    assert not key.has_signed(b"seat 13", key.sign(b"seat 12"))
    assert not key.has_signed(b"seat 12", b"")


@pytest.mark.parametrize(
    "other", [SigningKey(SECRET, "another"), SigningKey(SECRET + "!", "tests")]
)
def test_a_key_is_for_one_purpose_of_one_secret(key, other):
    assert not key.has_signed(b"seat 12", other.sign(b"seat 12"))
    assert key.public() != other.public()


def test_a_key_is_named_by_its_thumbprint(key):
    """RFC 7638: the members that must be there, in the order of the alphabet, without spaces."""
    public = key.public()
    named = json.dumps(
        {"x": public.x, "kty": "OKP", "crv": "Ed25519"}, sort_keys=True, separators=(",", ":")
    )

    assert public.kid == base64url(sha256(named.encode()).digest())
