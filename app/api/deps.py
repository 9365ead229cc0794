"""What an endpoint asks for, spelled once as aliases it can read like types."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

from fastapi import Depends, Header, Request, Response
from fastapi.openapi.models import OAuthFlowPassword, OAuthFlows
from fastapi.security import OAuth2

from app.bootstrap import Doors, Services
from app.core.errors import AppError, Contention, TransactionNeeded, Unauthenticated
from app.core.i18n import Locale, negotiated
from app.core.tokens import Claims
from app.domain.actors import Actor, SessionRequired
from app.domain.idempotency import Answer, Kept
from app.domain.limits import written
from app.domain.origins import LONGEST_AGENT, Origin
from app.domain.permissions import Permission

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
API_KEY: Final = "X-API-Key"
REPEATED: Final = "repeated-request"
"""What the fingerprints of requests that may be repeated are signed for."""
SCOPED: Final = "scope "
"""What the scheme of operations is called that an API key opens too, before its scope."""
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
    mark: bytes | None = None
    """The fingerprint of the request where its answer is kept by the statement that changes."""

    def kept(self, response: Response) -> Kept | None:
        """Return what is to be kept of the request by that statement, if it is."""
        if self.key is None or self.mark is None:
            return None
        location, body = response.headers.get("Location"), bytes(response.body)
        return Kept(self.actor.user_id, self.key, self.mark, response.status_code, location, body)

    async def answer(self, response: Response) -> Response:
        """Keep the answer beside its effect, in the same transaction, and return it."""
        if self.key is not None and self.mark is None:
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
        async with self._doors.writing(origin_of(self.request)) as services:
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
    """A good token or an API key; what is behind it is checked at the door.

    `scope` is what an API key must have; None for what is done to the session or the account
    itself, which no API key opens. Policies say the rest. An endpoint returns from inside the
    door: what it did is committed before FastAPI has the response. A dependency with `yield`
    would cost 45 us, and by default commits after it.
    """

    request: Request
    credential: Claims | str
    scope: Permission | None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Caller]:
        async with self._doors.reading_for(self.credential) as (actor, services):
            self._ensure_in_scope(actor)
            yield Caller(actor, services)

    @asynccontextmanager
    async def writing(self, key: str | None = None) -> AsyncIterator[Caller]:
        """With a key, the request takes effect once however often it is sent."""
        async with self._doors.writing(origin_of(self.request)) as services:
            actor, answered = await self._enter(services, key)
            self._ensure_in_scope(actor)
            if answered is not None:
                raise Replayed(answered)
            yield Caller(actor, services, key)

    async def once(
        self, key: str | None, use_case: Callable[[Caller], Awaitable[Response]]
    ) -> Response:
        """Do at once what one statement does, in two round trips; if it takes more, `writing`.

        Where a key is named, the use case hands what is to be `kept` to that statement. Whatever
        was refused may be what succeeded a moment ago: that is looked into in a transaction.
        """
        if isinstance(self.credential, Claims):
            with suppress(TransactionNeeded, Contention):  # neither has changed anything
                return await self._at_once(self.credential, key, use_case)
        async with self.writing(key) as caller:
            return await use_case(caller)

    async def _at_once(
        self, claims: Claims, key: str | None, use_case: Callable[[Caller], Awaitable[Response]]
    ) -> Response:
        mark = None if key is None else await self._fingerprint()
        async with self._doors.single_for(claims) as (actor, services):
            self._ensure_in_scope(actor)
            try:
                return await use_case(Caller(actor, services, key, mark))
            except AppError as refusal:
                if key is not None and await services.idempotency.is_spent(actor, key):
                    raise TransactionNeeded from refusal
                raise

    @property
    def locale(self) -> Locale | None:
        """Return the language that is asked for, None where that is left to their account."""
        asked = self.request.headers.get("Accept-Language")
        return None if asked is None else negotiated(asked)

    async def _enter(self, services: Services, key: str | None) -> tuple[Actor, Answer | None]:
        """Return who is asking, and what they were told when they sent the same before."""
        if key is None:
            return await services.actor(self.credential), None
        mark = await self._fingerprint()
        if isinstance(self.credential, Claims):
            return await services.idempotency.enter(
                self.credential.session_id,
                user_id=self.credential.user_id,
                key=key,
                fingerprint=mark,
            )
        actor = await services.actor(self.credential)
        return actor, await services.idempotency.claim(actor, key=key, fingerprint=mark)

    def _ensure_in_scope(self, actor: Actor) -> None:
        if actor.session_id is None:
            if self.scope is None:
                raise SessionRequired
            actor.ensure_may(self.scope, "This API key has not the scope for that.")

    async def _fingerprint(self) -> bytes:
        """Return what tells this request from others; keyed, since it may hold a password."""
        what = f"{self.request.method} {self.request.scope['path']}\n".encode()
        body = sha256(what + await self.request.body()).hexdigest()
        return self._doors.adapters.signer.digest(REPEATED, body)

    @property
    def _doors(self) -> Doors:
        doors: Doors = self.request.state.doors
        return doors


@dataclass(frozen=True, slots=True)
class Reader:
    """Anybody, who may be signed in: `actor` is None for those who are not."""

    request: Request
    credential: Claims | str | None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[tuple[Actor | None, Services]]:
        doors: Doors = self.request.state.doors
        if self.credential is None:
            async with doors.reading() as services:
                yield None, services
        else:
            async with doors.reading_for(self.credential) as known:
                yield known


class _Bearer(OAuth2):
    """A bearer token (RFC 6750); in Swagger, the Authorize button asks for name and password.

    Or an API key, which the OpenAPI document adds beside it.
    """

    scheme = "bearer"

    def __init__(self, scope: Permission | None = None) -> None:
        flows = OAuthFlows(password=OAuthFlowPassword(tokenUrl="/api/v1/auth/token", scopes={}))
        name = self.scheme if scope is None else f"{SCOPED}{scope}"
        super().__init__(flows=flows, scheme_name=name, auto_error=False)
        self.scope = scope

    async def __call__(self, request: Request) -> SignedIn:  # type: ignore[override]  # answers with who it is, not with the header
        return SignedIn(request, _credential(request), self.scope)


class _MaybeBearer(_Bearer):
    scheme = OPTIONAL_BEARER

    async def __call__(self, request: Request) -> Reader:  # type: ignore[override]  # as above
        return Reader(request, _credential(request) if is_named(request) else None)


def origin_of(request: Request) -> Origin:
    agent = request.headers.get("User-Agent")
    return Origin(
        ip=written(request.client.host) if request.client else None,
        user_agent=agent and agent[:LONGEST_AGENT].encode("ascii", "replace").decode(),
        request_id=request.scope.get("request_id"),
    )


def is_named(request: Request) -> bool:
    """Tell whether a request says who it is from, be it true or not."""
    return "Authorization" in request.headers or API_KEY in request.headers


def session_of(request: Request) -> SignedIn:
    """Return the Visitor of an operation that also takes others; refuse with Unauthenticated."""
    return SignedIn(request, _credential(request), None)


def _credential(request: Request) -> Claims | str:
    tokens, keys = request.headers.getlist("Authorization"), request.headers.getlist(API_KEY)
    if len(tokens) + len(keys) != 1:
        raise Unauthenticated
    if keys:
        return keys[0][:LONGEST_TOKEN]
    scheme, _, token = tokens[0].partition(" ")
    if scheme.lower() != "bearer" or len(token) > LONGEST_TOKEN:
        raise Unauthenticated
    claims: Claims = request.state.tokens.verify(token)
    return claims


async def _anybody(request: Request) -> Guest:
    return Guest(request)


Visitor = Annotated[SignedIn, Depends(_Bearer())]
"""Somebody with a session, for what is done to it or to the account itself: no API key."""
# Somebody with a session, or with an API key of that scope.
AuditReader = Annotated[SignedIn, Depends(_Bearer(Permission.AUDIT_READ))]
BookingReader = Annotated[SignedIn, Depends(_Bearer(Permission.BOOKINGS_READ))]
BookingWriter = Annotated[SignedIn, Depends(_Bearer(Permission.BOOKINGS_WRITE))]
ChatModerator = Annotated[SignedIn, Depends(_Bearer(Permission.CHAT_MODERATE))]
ChatSupporter = Annotated[SignedIn, Depends(_Bearer(Permission.CHAT_SUPPORT))]
ChatReader = Annotated[SignedIn, Depends(_Bearer(Permission.CHAT_READ))]
ChatWriter = Annotated[SignedIn, Depends(_Bearer(Permission.CHAT_WRITE))]
CategoryManager = Annotated[SignedIn, Depends(_Bearer(Permission.CATEGORIES_MANAGE))]
EventWriter = Annotated[SignedIn, Depends(_Bearer(Permission.EVENTS_WRITE))]
LedgerReader = Annotated[SignedIn, Depends(_Bearer(Permission.LEDGER_READ))]
NotificationManager = Annotated[SignedIn, Depends(_Bearer(Permission.NOTIFICATIONS_MANAGE))]
PayoutManager = Annotated[SignedIn, Depends(_Bearer(Permission.PAYOUTS_MANAGE))]
ProfileReader = Annotated[SignedIn, Depends(_Bearer(Permission.PROFILE_READ))]
ProfileWriter = Annotated[SignedIn, Depends(_Bearer(Permission.PROFILE_WRITE))]
ProviderManager = Annotated[SignedIn, Depends(_Bearer(Permission.PROVIDERS_MANAGE_ANY))]
RefundManager = Annotated[SignedIn, Depends(_Bearer(Permission.PAYMENTS_REFUND_ANY))]
ReviewModerator = Annotated[SignedIn, Depends(_Bearer(Permission.REVIEWS_MODERATE))]
ScheduleWriter = Annotated[SignedIn, Depends(_Bearer(Permission.SCHEDULES_WRITE))]
ServiceWriter = Annotated[SignedIn, Depends(_Bearer(Permission.SERVICES_WRITE))]
StatsReader = Annotated[SignedIn, Depends(_Bearer(Permission.STATS_READ))]
UserManager = Annotated[SignedIn, Depends(_Bearer(Permission.USERS_MANAGE))]
UserReader = Annotated[SignedIn, Depends(_Bearer(Permission.USERS_READ))]
Anybody = Annotated[Guest, Depends(_anybody)]
Looker = Annotated[Reader, Depends(_MaybeBearer())]
