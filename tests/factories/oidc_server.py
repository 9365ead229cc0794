"""A provider that speaks OpenID Connect, as a process of its own: see `tests.factories.oidc`.

An issuer is a path of it. Who "signs in" says, in the header X-Sign-In, who they are, what the
clock shows, and how the provider is to lie about it.
"""

import asyncio
import hmac
import json
import secrets
import socket
import sys
from base64 import b64decode, urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Route

CLIENT_ID = "banister"
CLIENT_SECRET = "c1ient-s3cret-that-no-log-shows"
LASTS = 300
SHARED = b"a key that whoever checks has too, and so could sign with"


@cache
def rsa_key(owner: str, kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def own_key() -> RSAKey:
    return rsa_key("provider", "rsa")


def ec_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})


class Issuer:
    def __init__(self) -> None:
        self.ec = ec_key()
        self.asked: Counter[str] = Counter()
        self.codes: dict[str, dict[str, Any]] = {}
        self.people: dict[str, dict[str, Any]] = {}  # by access token


issuers: defaultdict[str, Issuer] = defaultdict(Issuer)


def name_of(request: Request) -> str:
    return request.path_params["issuer"]


def address_of(request: Request) -> str:
    return f"http://{request.headers['host']}/{name_of(request)}"


async def configuration(request: Request) -> Response:
    name, address = name_of(request), address_of(request)
    issuers[name].asked["configuration"] += 1
    told: dict[str, Any] = {
        "issuer": address,
        "authorization_endpoint": f"{address}/authorize",
        "token_endpoint": f"{address}/token",
        "jwks_uri": f"{address}/keys",
        "userinfo_endpoint": f"{address}/userinfo",
    }
    if name.startswith("in-body"):
        told["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    if name.startswith("impostor"):
        told["issuer"] = "https://accounts.google.com"
    if name.startswith("open"):
        told["token_endpoint"] = "http://192.0.2.1/token"
    if name.startswith("keyless"):
        told["jwks_uri"] = f"{address}/asked"
    if name.startswith("elsewhere"):
        return RedirectResponse(f"http://{request.headers['host']}/good/.well-known/x")
    return JSONResponse(told)


async def keys(request: Request) -> Response:
    issuer = issuers[name_of(request)]
    issuer.asked["keys"] += 1
    shared = {"kty": "oct", "k": encoded(SHARED), "kid": "oct", "alg": "HS256"}
    odd = [shared, {"kty": "AKP", "kid": "new"}, {"kty": "RSA", "kid": "half"}, "no key"]
    return JSONResponse({"keys": [*odd, own_key().as_dict(private=False), issuer.ec.as_dict()]})


async def authorize(request: Request) -> Response:
    asked = dict(request.query_params)
    said = json.loads(b64decode(request.headers["x-sign-in"]))
    assert asked["client_id"] == CLIENT_ID
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert "openid" in asked["scope"].split()
    code = secrets.token_urlsafe(32)
    issuers[name_of(request)].codes[code] = {"asked": asked, "said": said}
    back = {"code": code, "state": asked["state"], "iss": address_of(request)}
    joined = "&" if "?" in asked["redirect_uri"] else "?"
    return RedirectResponse(f"{asked['redirect_uri']}{joined}{urlencode(back)}", status_code=302)


async def token(request: Request) -> Response:
    issuer, form = issuers[name_of(request)], await request.form()
    if not is_client(request, form):
        return JSONResponse({"error": "invalid_client"}, 401)
    record = issuer.codes.pop(str(form.get("code")), None)
    challenge = urlsafe_b64encode(sha256(str(form.get("code_verifier")).encode()).digest())
    if (
        record is None
        or form.get("grant_type") != "authorization_code"
        or form.get("redirect_uri") != record["asked"]["redirect_uri"]
        or challenge.decode().rstrip("=") != record["asked"]["code_challenge"]
    ):
        return JSONResponse({"error": "invalid_grant"}, 400)
    said = record["said"]
    match said.get("fault"):
        case "broken":
            return PlainTextResponse("it broke", 500)
        case "busy":
            return JSONResponse({"error": "slow_down"}, 429)
        case "text":
            return PlainTextResponse("hello")
        case "tokenless":
            return JSONResponse({"access_token": "x", "token_type": "Bearer"})
    access = secrets.token_urlsafe(32)
    issuer.people[access] = said.get("userinfo", {"sub": "ada"})
    id_token = said.get("id_token") or signed(issuer, claims_of(request, record), said)
    answer = {"access_token": access, "token_type": "Bearer", "id_token": id_token}
    match said.get("fault"):
        case "huge":
            return JSONResponse({**answer, "more": " " * (1 << 21)})
        case "slow":
            return StreamingResponse(dripping(json.dumps(answer)))
    return JSONResponse(answer)


async def dripping(content: str) -> AsyncIterator[str]:
    """Yield a little again and again, so that nothing but a deadline for all of it is passed."""
    for at in range(0, len(content), 64):
        await asyncio.sleep(0.1)
        yield content[at : at + 64]


def is_client(request: Request, form: Any) -> bool:
    if name_of(request).startswith("in-body"):
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
    wanted = b64decode(request.headers.get("authorization", "").removeprefix("Basic "))
    return wanted.decode() == f"{CLIENT_ID}:{CLIENT_SECRET}"


def claims_of(request: Request, record: dict[str, Any]) -> dict[str, Any]:
    said = record["said"]
    claims = {
        "iss": address_of(request),
        "aud": CLIENT_ID,
        "sub": "ada",
        "nonce": record["asked"]["nonce"],
        "iat": said["now"],
        "exp": said["now"] + LASTS,
        **said["claims"],
    }
    return {name: value for name, value in claims.items() if value != "(missing)"}


def signed(issuer: Issuer, claims: dict[str, Any], said: dict[str, Any]) -> str:
    named = {"alg": "RS256", "kid": "rsa", **said.get("header", {})}
    match said.get("signed", "RS256"):
        case "ES256":
            return encode({"alg": "ES256", "kid": issuer.ec.kid}, claims, issuer.ec)
        case "none":
            return f"{part({'alg': 'none', 'kid': 'rsa'})}.{part(claims)}."
        case "HS256 by the public key":
            key = own_key().as_pem(private=False)
            return maced({"alg": "HS256", "kid": "rsa"}, claims, key)
        case "HS256 by a key of the set":
            return maced({"alg": "HS256", "kid": "oct"}, claims, SHARED)
        case "forged":
            return encode(named, claims, rsa_key("forger", "rsa"))
        case "by a stranger":
            stranger = rsa_key("stranger", "stranger")
            return encode({**named, "kid": "stranger"}, claims, stranger)
        case "nameless":
            return encode({"alg": "RS256"}, claims, own_key())
        case "changed":
            head, _, signature = encode(named, claims, own_key()).split(".")
            return f"{head}.{part({**claims, 'sub': 'eve'})}.{signature}"
        case "in too many brackets":
            deep = "[" * 50_000 + "]" * 50_000
            return jws.serialize_compact(named, deep, own_key(), ["RS256"])
        case algorithm:
            return encode({**named, "alg": algorithm}, claims, own_key())


def encode(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """Sign what json makes of the claims, whatever that is."""
    return jws.serialize_compact(header, json.dumps(claims), key, [header["alg"]])


def maced(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    head = f"{part(header)}.{part(claims)}"
    return f"{head}.{encoded(hmac.digest(key, head.encode(), 'sha256'))}"


def part(document: dict[str, Any]) -> str:
    return encoded(json.dumps(document).encode())


def encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


async def userinfo(request: Request) -> Response:
    access = request.headers.get("authorization", "").removeprefix("Bearer ")
    issuer = issuers[name_of(request)]
    if access not in issuer.people:
        return JSONResponse({"error": "invalid_token"}, 401)
    return Response(json.dumps(issuer.people[access]), media_type="application/json")


async def rotate(request: Request) -> Response:
    issuers[name_of(request)].ec = ec_key()
    return JSONResponse({})


async def asked(request: Request) -> Response:
    return JSONResponse(issuers[name_of(request)].asked)


app = Starlette(
    routes=[
        Route("/{issuer}/.well-known/openid-configuration", configuration),
        Route("/{issuer}/keys", keys),
        Route("/{issuer}/authorize", authorize),
        Route("/{issuer}/token", token, methods=["POST"]),
        Route("/{issuer}/userinfo", userinfo),
        Route("/{issuer}/rotate", rotate, methods=["POST"]),
        Route("/{issuer}/asked", asked),
    ]
)

if __name__ == "__main__":
    own_key()
    listening = socket.socket(fileno=int(sys.argv[1]))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=0))
    asyncio.run(server.serve(sockets=[listening]))
