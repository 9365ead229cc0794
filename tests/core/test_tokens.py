"""Access tokens: what is believed, and all that is not (RFC 8725)."""

import base64
import hmac
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from jose import jwt

from app.core.errors import Unauthenticated
from app.core.tokens import Claims, Tokens
from tests.factories.clock import NOW, Clock

SECRET = "s" * 32
CLAIMS = Claims(uuid4(), uuid4())
ISSUED = int(NOW.timestamp())
BODY = {
    "sub": str(CLAIMS.user_id),
    "sid": str(CLAIMS.session_id),
    "typ": "access",
    "iss": "banister",
    "aud": "banister",
    "iat": ISSUED,
    "exp": ISSUED + 900,
}


@pytest.fixture
def tokens(clock: Clock) -> Tokens:
    return Tokens(SECRET, clock)


def signed(body=BODY, *, secret=SECRET, algorithm="HS256", headers=None) -> str:
    return jwt.encode(dict(body), secret, algorithm=algorithm, headers=headers)


def part(value) -> str:
    content = (
        value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    )
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def with_header(header) -> str:
    """Return a token that is right but for its header, and signed with our key over it."""
    text = f"{part(header)}.{part(BODY)}"
    return f"{text}.{part(hmac.digest(SECRET.encode(), text.encode(), 'sha256'))}"


def without(claim: str) -> dict:
    return {name: value for name, value in BODY.items() if name != claim}


def test_a_token_of_ours_is_believed_until_it_expires(tokens, clock):
    token = tokens.sign(CLAIMS, lasts=timedelta(minutes=15))

    assert tokens.verify(token) == CLAIMS
    clock.forward(minutes=14, seconds=59)
    assert tokens.verify(token) == CLAIMS
    clock.forward(seconds=1)
    with pytest.raises(Unauthenticated):
        tokens.verify(token)


def test_control_what_the_table_changes_is_believed_unchanged(tokens):
    assert tokens.verify(signed()) == CLAIMS
    assert tokens.verify(with_header({"alg": "HS256", "typ": "JWT"})) == CLAIMS


ABUSES = {
    "nothing": "",
    "dots": "..",
    "five-parts": "a.b.c.d.e",
    "no-signature": signed().rpartition(".")[0] + ".",
    "padded": signed() + "=",
    "spaced": signed() + " ",
    "another-key": signed(secret="t" * 32),
    "another-hash": signed(algorithm="HS512"),
    "alg-none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(BODY)}.",
    "alg-nOnE": f"{part({'alg': 'nOnE', 'typ': 'JWT'})}.{part(BODY)}.",
    "alg-missing": with_header({"typ": "JWT"}),
    "alg-a-number": with_header({"alg": 1, "typ": "JWT"}),
    "alg-a-list": with_header({"alg": ["HS256"], "typ": "JWT"}),
    "critical": with_header({"alg": "HS256", "typ": "JWT", "crit": ["x"], "x": 1}),
    "not-base64": with_header({"alg": "HS256", "typ": "JWT", "b64": False}),
    "key-elsewhere": with_header({"alg": "HS256", "typ": "JWT", "jku": "https://evil.test/k"}),
    "body-not-json": signed().split(".")[0] + f".{part(b'nonsense')}." + "A" * 43,
    "claims-changed": signed().split(".")[0]
    + f".{part(BODY | {'sub': str(uuid4())})}."
    + signed().split(".")[2],
    "another-issuer": signed(BODY | {"iss": "evil"}),
    "another-audience": signed(BODY | {"aud": "evil"}),
    "another-type": signed(BODY | {"typ": "refresh"}),
    "expired": signed(BODY | {"exp": ISSUED}),
    "exp-a-string": signed(BODY | {"exp": str(ISSUED + 900)}),
    "exp-a-float": signed(BODY | {"exp": ISSUED + 900.5}),
    "exp-true": signed(BODY | {"exp": True}),
    "exp-huge": signed(BODY | {"exp": 10**400}),
    "exp-in-ten-years": signed(BODY | {"exp": ISSUED + 315_360_000}),
    "from-tomorrow": signed(BODY | {"iat": ISSUED + 86_400, "exp": ISSUED + 87_300}),
    "iat-a-string": signed(BODY | {"iat": str(ISSUED)}),
    "nobody": signed(BODY | {"sub": ""}),
    "sub-a-number": signed(BODY | {"sub": 7}),
    "sub-with-nul": signed(BODY | {"sub": "a\0b"}),
    "sub-sql": signed(BODY | {"sub": "'; drop table users; --"}),
    **{f"no-{claim}": signed(without(claim)) for claim in BODY},
}


@pytest.mark.parametrize("token", ABUSES.values(), ids=ABUSES)
def test_anything_else_is_refused(tokens, token):
    with pytest.raises(Unauthenticated):
        tokens.verify(token)


def test_a_signature_has_one_spelling(tokens):
    token = signed()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [token[:-1] + letter for letter in alphabet if letter != token[-1]]

    for other in others:
        with pytest.raises(Unauthenticated):
            tokens.verify(other)


def test_a_short_key_is_refused_at_the_start(clock):
    with pytest.raises(ValueError, match="32 bytes"):
        Tokens("short", clock)
