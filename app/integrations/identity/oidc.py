"""Any provider that speaks OpenID Connect: authlib words the requests, httpx carries them.

Authlib's own client wants another library than httpx, so only its words are used here.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx
import structlog
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import KeySet

from app.core.clock import Clock
from app.domain.identities import (
    Asked,
    IdentityProviderUnavailable,
    IdentityRefused,
    Person,
    person,
)
from app.integrations.identity import discovery, tokens
from app.integrations.identity.discovery import Offer
from app.integrations.identity.wire import Answer, Unusable, ask

SECONDS: Final = 8.0
"""What a call may take with all that it asks: whoever waits gets an answer within ten."""
KEPT: Final = timedelta(hours=1)
ASKED_AGAIN_AFTER: Final = timedelta(minutes=1)
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
# Refusals of us, and not of a code.
OURS_TO_MEND: Final = ("invalid_client", "unauthorized_client", "unsupported_grant_type")
PATIENCE: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
log = structlog.get_logger("banister.identity")


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are with a provider; `name` is what we call it."""

    name: str
    issuer: str
    client_id: str
    secret: str = field(repr=False)
    scopes: tuple[str, ...]
    seconds: float = SECONDS


class OidcProvider:
    """Remembers for an hour what the provider offers, and its keys until it uses a new one."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._offer: tuple[datetime, Offer] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._asking = asyncio.Lock()

    @property
    def issuer(self) -> str:
        return self._client.issuer

    async def authorization_url(self, asked: Asked, *, state: str) -> str:
        async with self._bounded():
            offer = await self._offered()
        url: str = prepare_grant_uri(
            offer.authorization,
            self._client.client_id,
            "code",
            redirect_uri=asked.redirect_uri,
            scope=self._client.scopes,
            state=state,
            nonce=asked.nonce,
            code_challenge=create_s256_code_challenge(asked.verifier),
            code_challenge_method="S256",
        )
        return url

    async def person(self, code: str, asked: Asked) -> Person:
        async with self._bounded():
            offer = await self._offered()
            given = await self._exchanged(offer, code, asked)
            claims = await self._verified(offer, _text(given, "id_token"), asked)
            if "email" not in claims and offer.userinfo is not None:
                claims = await self._told(offer.userinfo, _text(given, "access_token"), claims)
        return person(self._client.name, claims)

    async def check(self) -> None:
        async with self._bounded():
            offer = await self._offered()
            tokens.read_keys((await ask("GET", offer.keys)).good())

    async def _offered(self) -> Offer:
        async with self._asking:
            now = self._clock()
            if self._offer is None or now >= self._offer[0] + KEPT:
                answer = await ask("GET", discovery.address(self.issuer))
                self._offer = now, discovery.offer(answer.good(), issuer=self.issuer)
            return self._offer[1]

    async def _exchanged(self, offer: Offer, code: str, asked: Asked) -> Mapping[str, Any]:
        """Return the tokens for a code (RFC 6749, 4.1.3; RFC 7636, 4.5)."""
        body = prepare_token_request(
            "authorization_code",
            code=code,
            redirect_uri=asked.redirect_uri,
            code_verifier=asked.verifier,
        )
        us = ClientAuth(self._client.client_id, self._client.secret, offer.client_auth)
        url, headers, body = us.prepare("POST", offer.token, dict(FORM), body)
        answer = await ask("POST", url, headers=headers, body=body)
        if _is_refusal(answer):
            raise IdentityRefused
        return answer.good()

    async def _verified(self, offer: Offer, token: str, asked: Asked) -> Mapping[str, Any]:
        keys = await self._keys_for(offer, token)
        expected = tokens.Expected(
            issuer=self.issuer,
            client_id=self._client.client_id,
            nonce=asked.nonce,
            now=self._clock().timestamp(),
        )
        return tokens.verified(token, keys, expected)

    async def _keys_for(self, offer: Offer, token: str) -> KeySet:
        """Return the provider's keys; for one we don't know, they are asked for once a minute."""
        async with self._asking:
            now = self._clock()
            if self._keys is not None:
                since, keys = self._keys
                again = KEPT if tokens.knows(keys, token) else ASKED_AGAIN_AFTER
                if now < since + again:
                    return keys
            answer = await ask("GET", offer.keys)
            self._keys = now, tokens.read_keys(answer.good())
            return self._keys[1]

    async def _told(self, url: str, token: str, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the provider tells of somebody elsewhere than in the id token.

        It must be the same person (OpenID Connect Core 1.0, 5.3.2).
        """
        answer = await ask("GET", url, headers={"Authorization": f"Bearer {token}"})
        told = answer.good()
        if told.get("sub") != claims["sub"]:
            raise IdentityRefused
        return told

    @asynccontextmanager
    async def _bounded(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._client.seconds):
                yield
        except (httpx.HTTPError, httpx.InvalidURL, OSError, Unusable) as error:
            log.error(
                "identity provider is no use",
                provider=self._client.name,
                kind=type(error).__name__,
                why=str(error) if isinstance(error, Unusable) else "",
            )
            raise IdentityProviderUnavailable from error


def _is_refusal(answer: Answer) -> bool:
    """Tell whether the code is refused, rather than we, or everybody."""
    error = answer.document.get("error")
    is_told = 400 <= answer.status < 500 and answer.status not in PATIENCE
    return is_told and isinstance(error, str) and error not in OURS_TO_MEND


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Unusable(f"gave no {name}")
    return value
