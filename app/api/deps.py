"""What an endpoint asks for, spelled once as aliases it can read like types."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response
from fastapi.openapi.models import OAuthFlowPassword, OAuthFlows
from fastapi.security import OAuth2

from app.bootstrap import Doors, Services
from app.core.errors import Unauthenticated
from app.core.i18n import Locale, negotiated
from app.core.tokens import Claims
from app.domain.actors import Actor
from app.domain.idempotency import Answer

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,255}$",
        description="Send the same key to repeat a request safely; kept for 24 hours.",
        examples=["9c3bd1f6-6d5c-4c0e-9f5f-2d1f6c1d3b7a"],
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=200,
        description="The ETag you last saw; a 412 tells that it is stale.",
        examples=['"5d41402abc4b2a76b9719d91"'],
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=1000,
        description="The ETag you have; a 304 tells that nothing has changed.",
        examples=['"5d41402abc4b2a76b9719d91"'],
    ),
]
LONGEST_TOKEN: Final = 2048
OPTIONAL_BEARER: Final = "optional-bearer"
"""The scheme of operations that serve anybody, and know more about who is signed in."""


class Replayed(Exception):
    """Not a failure: this request was answered before, and its answer is sent again."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, and what can be done for them in this unit of work."""

    actor: Actor
    services: Services
    key: str | None = None

    async def answer(self, response: Response) -> Response:
        """Keep the answer beside its effect, in the same transaction, and return it."""
        if self.key is not None:
            location, body = response.headers.get("Location"), bytes(response.body)
            answer = Answer(response.status_code, location, body)
            await self.services.idempotency.remember(self.actor, self.key, answer)
        return response


@dataclass(frozen=True, slots=True)
class Guest:
    """Anybody: behind the doors there is nobody in particular."""

    request: Request

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Services]:
        async with self._doors.reading() as services:
            yield services

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Services]:
        async with self._doors.writing() as services:
            yield services

    @property
    def locale(self) -> Locale:
        return negotiated(self.request.headers.get("Accept-Language", ""))

    @property
    def _doors(self) -> Doors:
        doors: Doors = self.request.state.doors
        return doors


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A good token; its session is checked behind the door, on the connection used there.

    An endpoint returns from inside the door: what it did is committed before FastAPI has the
    response. A dependency with `yield` would cost 45 us, and by default commits after it.
    """

    request: Request
    claims: Claims

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Caller]:
        async with self._doors.reading() as services:
            yield Caller(await self._actor(services), services)

    @asynccontextmanager
    async def writing(self, key: str | None = None) -> AsyncIterator[Caller]:
        """With a key, the request takes effect once however often it is sent."""
        async with self._doors.writing() as services:
            if key is None:
                yield Caller(await self._actor(services), services)
                return
            actor, answered = await services.idempotency.enter(
                self.claims.session_id,
                user_id=self.claims.user_id,
                key=key,
                fingerprint=await self._fingerprint(),
            )
            if answered is not None:
                raise Replayed(answered)
            yield Caller(actor, services, key)

    async def _fingerprint(self) -> bytes:
        what = f"{self.request.method} {self.request.scope['path']}\n".encode()
        return sha256(what + await self.request.body()).digest()

    @property
    def _doors(self) -> Doors:
        doors: Doors = self.request.state.doors
        return doors

    async def _actor(self, services: Services) -> Actor:
        return await services.sessions.actor(self.claims.session_id, user_id=self.claims.user_id)


@dataclass(frozen=True, slots=True)
class Reader:
    """Anybody, who may be signed in: `actor` is None for those who are not."""

    request: Request
    claims: Claims | None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[tuple[Actor | None, Services]]:
        doors: Doors = self.request.state.doors
        async with doors.reading() as services:
            actor = None
            if self.claims is not None:
                actor = await services.sessions.actor(
                    self.claims.session_id, user_id=self.claims.user_id
                )
            yield actor, services


class _Bearer(OAuth2):
    """A bearer token (RFC 6750); in Swagger, the Authorize button asks for name and password."""

    scheme = "bearer"

    def __init__(self) -> None:
        flows = OAuthFlows(password=OAuthFlowPassword(tokenUrl="/api/v1/auth/token", scopes={}))
        super().__init__(flows=flows, scheme_name=self.scheme, auto_error=False)

    async def __call__(self, request: Request) -> SignedIn:  # type: ignore[override]  # answers with who it is, not with the header
        return SignedIn(request, _claims(request))


class _MaybeBearer(_Bearer):
    scheme = OPTIONAL_BEARER

    async def __call__(self, request: Request) -> Reader:  # type: ignore[override]  # as above
        given = "Authorization" in request.headers
        return Reader(request, _claims(request) if given else None)


def _claims(request: Request) -> Claims:
    given = request.headers.getlist("Authorization")
    scheme, _, token = (given[0] if len(given) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN:
        raise Unauthenticated
    claims: Claims = request.state.tokens.verify(token)
    return claims


async def _anybody(request: Request) -> Guest:
    return Guest(request)


Visitor = Annotated[SignedIn, Depends(_Bearer())]
Anybody = Annotated[Guest, Depends(_anybody)]
Looker = Annotated[Reader, Depends(_MaybeBearer())]
