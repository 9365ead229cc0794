"""Access and MFA tokens: what is believed, and all that is not (RFC 8725)."""

import base64
import hmac
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from jose import jwt

from app.core.errors import Unauthenticated
from app.core.tokens import Claims, MfaClaims, Tokens
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

WAITING = MfaClaims(CLAIMS.user_id, "0f" * 16)
MFA_BODY = {**BODY, "typ": "mfa", "pwd": WAITING.mark, "exp": ISSUED + 300}
del MFA_BODY["sid"]


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


def with_header(header, body=BODY) -> str:
    """Return a token that is right but for its header, and signed with our key over it."""
    text = f"{part(header)}.{part(body)}"
    return f"{text}.{part(hmac.digest(SECRET.encode(), text.encode(), 'sha256'))}"


def without(claim: str, body=BODY) -> dict:
    return {name: value for name, value in body.items() if name != claim}


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


def abuses(body) -> dict[str, str]:
    return {
        "nothing": "",
        "dots": "..",
        "five-parts": "a.b.c.d.e",
        "no-signature": signed(body).rpartition(".")[0] + ".",
        "padded": signed(body) + "=",
        "spaced": signed(body) + " ",
        "another-key": signed(body, secret="t" * 32),
        "another-hash": signed(body, algorithm="HS512"),
        "alg-none": f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(body)}.",
        "alg-nOnE": f"{part({'alg': 'nOnE', 'typ': 'JWT'})}.{part(body)}.",
        "alg-missing": with_header({"typ": "JWT"}, body),
        "alg-a-number": with_header({"alg": 1, "typ": "JWT"}, body),
        "alg-a-list": with_header({"alg": ["HS256"], "typ": "JWT"}, body),
        "critical": with_header({"alg": "HS256", "typ": "JWT", "crit": ["x"], "x": 1}, body),
        "not-base64": with_header({"alg": "HS256", "typ": "JWT", "b64": False}, body),
        "key-elsewhere": with_header(
            {"alg": "HS256", "typ": "JWT", "jku": "https://evil.test/k"}, body
        ),
        "body-not-json": signed(body).split(".")[0] + f".{part(b'nonsense')}." + "A" * 43,
        "claims-changed": signed(body).split(".")[0]
        + f".{part(body | {'sub': str(uuid4())})}."
        + signed(body).split(".")[2],
        "another-issuer": signed(body | {"iss": "evil"}),
        "another-audience": signed(body | {"aud": "evil"}),
        "another-type": signed(body | {"typ": "refresh"}),
        "type-a-list": signed(body | {"typ": [body["typ"]]}),
        "expired": signed(body | {"exp": ISSUED}),
        "exp-a-string": signed(body | {"exp": str(ISSUED + 900)}),
        "exp-a-float": signed(body | {"exp": ISSUED + 900.5}),
        "exp-true": signed(body | {"exp": True}),
        "exp-huge": signed(body | {"exp": 10**400}),
        "exp-in-ten-years": signed(body | {"exp": ISSUED + 315_360_000}),
        "from-tomorrow": signed(body | {"iat": ISSUED + 86_400, "exp": ISSUED + 87_300}),
        "iat-a-string": signed(body | {"iat": str(ISSUED)}),
        "nobody": signed(body | {"sub": ""}),
        "sub-a-number": signed(body | {"sub": 7}),
        "sub-with-nul": signed(body | {"sub": "a\0b"}),
        "sub-sql": signed(body | {"sub": "'; drop table users; --"}),
        **{f"no-{claim}": signed(without(claim, body)) for claim in body},
    }


ABUSES = abuses(BODY)
OF_MFA = {
    **abuses(MFA_BODY),
    "an-access-token": signed(),
    "an-access-token-with-a-mark": signed(BODY | {"pwd": WAITING.mark}),
    "for-an-hour": signed(MFA_BODY | {"exp": ISSUED + 3600}),
    "mark-null": signed(MFA_BODY | {"pwd": None}),
    "mark-a-number": signed(MFA_BODY | {"pwd": 7}),
    "mark-a-list": signed(MFA_BODY | {"pwd": [WAITING.mark]}),
}


@pytest.mark.parametrize("token", ABUSES.values(), ids=ABUSES)
def test_anything_else_is_refused(tokens, token):
    with pytest.raises(Unauthenticated):
        tokens.verify(token)


@pytest.mark.parametrize("token", OF_MFA.values(), ids=OF_MFA)
def test_where_a_code_is_waited_for_nothing_else_is_believed_either(tokens, token):
    with pytest.raises(Unauthenticated):
        tokens.verify_mfa(token)


def test_an_mfa_token_is_believed_until_it_expires_and_never_for_access(tokens, clock):
    token = tokens.sign_mfa(WAITING, lasts=timedelta(minutes=5))

    assert tokens.verify_mfa(token) == tokens.verify_mfa(signed(MFA_BODY)) == WAITING
    for one in (token, signed(MFA_BODY | {"sid": str(CLAIMS.session_id)})):
        with pytest.raises(Unauthenticated):
            tokens.verify(one)
    clock.forward(minutes=4, seconds=59)
    assert tokens.verify_mfa(token) == WAITING
    clock.forward(seconds=1)
    with pytest.raises(Unauthenticated):
        tokens.verify_mfa(token)


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
