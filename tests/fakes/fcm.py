"""A Firebase of our own: tokens for what a service account signs, messages, and faults.

Its shapes are those of firebase.google.com/docs/reference/fcm/rest/v1 and of Google's OAuth.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.messengers import MessengerServer, serving

PROJECT = "banister-tests"
EMAIL = "sender@banister-tests.iam.gserviceaccount.com"
GONE = "gone-device-canary"
OTHERS = "others-device-canary"
NONSENSE = "nonsense-device-canary"
STATUSES = {
    "400": ("INVALID_ARGUMENT", "INVALID_ARGUMENT"),
    "401": ("UNAUTHENTICATED", None),
    "403": ("PERMISSION_DENIED", None),
    "429": ("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    "500": ("INTERNAL", "INTERNAL"),
    "503": ("UNAVAILABLE", "UNAVAILABLE"),
}


@cache
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def service_account(address: str) -> str:
    """Return the file of a service account whose tokens are to be had at that address."""
    return json.dumps(
        {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": "1",
            "private_key": private_key(),
            "client_email": EMAIL,
            "token_uri": f"{address}/token",
        }
    )


@dataclass
class FcmServer(MessengerServer):
    """`open` are the tokens that open it; on a device, a tag is shown once."""

    lasts: int = 3600
    grants: int = 200
    open: set[str] = field(default_factory=set)
    shown: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    sent: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def token(self, request: Request) -> Response:
        self.calls["token"] += 1
        form = dict(parse_qsl((await request.body()).decode()))
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        key = RSAKey.import_key(private_key())
        self.claims = dict(jwt.decode(form["assertion"], key, algorithms=["RS256"]).claims)
        if self.grants != 200:
            return JSONResponse({"error": "invalid_grant"}, self.grants)
        assert self.claims["aud"] == f"{self.address}/token"
        opening = f"ya29.canary-{next(self._ids)}"
        self.open.add(opening)
        return JSONResponse(
            {"access_token": opening, "expires_in": self.lasts, "token_type": "Bearer"}
        )

    async def send(self, request: Request) -> Response:
        self.calls["send"] += 1
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.open:
            return self.refuse("401")
        asked = await request.json()
        return await self.sending(request, lambda: self._sent(asked))

    async def _sent(self, asked: dict[str, Any]) -> Response:
        self.sent = message = asked["message"]
        token = message["token"]
        if token == GONE:
            return _error(404, "NOT_FOUND", "UNREGISTERED", token)
        if token == OTHERS:
            return _error(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", token)
        if token == NONSENSE:
            violation = {"field": "message.token", "description": f"Invalid {token}"}
            return _error(400, "INVALID_ARGUMENT", None, token, {"fieldViolations": [violation]})
        if not all(isinstance(value, str) for value in message["data"].values()):
            return _error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", token)
        tags = {
            message["android"]["notification"]["tag"],
            message["apns"]["headers"]["apns-collapse-id"],
            message["webpush"]["notification"]["tag"],
        }
        (tag,) = tags
        assert len(tag) <= 64
        self.shown[token, tag] = message
        return JSONResponse({"name": f"projects/{PROJECT}/messages/0:{next(self._ids)}"})

    def refuse(self, fault: str) -> Response:
        status, code = STATUSES[fault]
        headers = {"Retry-After": "7"} if fault == "429" else None
        return _error(int(fault), status, code, "", headers=headers)


def _error(
    status: int,
    name: str,
    code: str | None,
    token: str,
    *details: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> Response:
    own = [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}]
    told = {"code": status, "message": f"Not {token}.", "status": name}
    told["details"] = [*(own if code else []), *details]
    return JSONResponse({"error": told}, status, headers)


@asynccontextmanager
async def fcm_server() -> AsyncIterator[FcmServer]:
    fake = FcmServer()
    routes = [
        Route("/token", fake.token, methods=["POST"]),
        Route(f"/v1/projects/{PROJECT}/messages:send", fake.send, methods=["POST"]),
    ]
    async with serving(fake, routes):
        yield fake
