"""Somebody who signs in with a provider of identities, which runs as a process of its own."""

import json
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from app.core.config import OidcClient
from tests.factories.clock import NOW
from tests.factories.oidc_server import CLIENT_ID, CLIENT_SECRET

ROOT = Path(__file__).parents[2]
ADA = {
    "sub": "ada",
    "email": "Ada@Example.com",
    "email_verified": True,
    "name": "Ada Lovelace",
    "locale": "uk-UA",
}
MISSING = "(missing)"
"""Instead of a claim: it is left out."""


@dataclass(frozen=True)
class OidcServer:
    """Every path is an issuer; the server tells which of them misbehave."""

    base: str

    def issuer(self, name: str = "good") -> str:
        return f"{self.base}/{name}"

    def client(self, name: str, issuer: str = "good") -> OidcClient:
        """Return who we are with an issuer, to be set."""
        return OidcClient(
            name=name,
            issuer=self.issuer(issuer),
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        )

    async def sign_in(
        self, authorization_url: str, *, now: float | None = None, **said: Any
    ) -> dict[str, str]:
        """Sign in where one was sent; return what the browser is sent back with.

        `said`: `claims` beside Ada's; how it is `signed`; a `fault` of the token endpoint;
        `userinfo`; an `id_token` instead of a good one.
        """
        at = int(NOW.timestamp() if now is None else now)
        told = {"now": at, **said, "claims": ADA | said.get("claims", {})}
        header = {"X-Sign-In": b64encode(json.dumps(told).encode()).decode()}
        async with httpx.AsyncClient() as browser:
            back = await browser.get(authorization_url, headers=header)
        assert back.status_code == 302, back.text
        return dict(parse_qsl(urlsplit(back.headers["Location"]).query))

    async def rotate(self, issuer: str) -> None:
        """Let the issuer sign ES256 with another key from now on."""
        async with httpx.AsyncClient() as client:
            await client.post(f"{self.issuer(issuer)}/rotate")

    async def asked(self, issuer: str) -> dict[str, int]:
        """Return how often the issuer was asked for its configuration, and for its keys."""
        async with httpx.AsyncClient() as client:
            return dict((await client.get(f"{self.issuer(issuer)}/asked")).json())


@contextmanager
def oidc_server() -> Iterator[OidcServer]:
    """Run the provider; it can be asked at once, and answers when it has started."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        handle, port = listening.fileno(), listening.getsockname()[1]
        command = [sys.executable, "-m", "tests.factories.oidc_server", str(handle)]
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[handle])
    try:
        yield OidcServer(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()
