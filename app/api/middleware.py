"""What surrounds every request. Pure ASGI: each costs about a microsecond."""

import re
import time
from collections.abc import Iterable
from typing import Final

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import errors, uploads
from app.api.limits import Limits
from app.bootstrap import persist
from app.core import addresses, logging
from app.core.config import Settings
from app.core.errors import AppError
from app.core.ids import new_id

ACCEPTABLE: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")
MEGABYTE: Final = 1 << 20
Header = tuple[bytes, bytes]
SECURITY: Final[list[Header]] = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
LASTING: Final[Header] = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
# An API's answers load nothing; pages that do (Swagger, the mailbox) say so themselves.
STRICT_POLICY: Final[Header] = (
    b"content-security-policy",
    b"default-src 'none'; frame-ancestors 'none'",
)
# What has a tag may be kept and asked for again by it; the rest is between us and who asked.
REVALIDATED: Final[Header] = (b"cache-control", b"no-cache")
NOT_KEPT: Final[Header] = (b"cache-control", b"no-store")
EXPOSED: Final = [
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-ID",
]
log = structlog.get_logger("banister.http")


def install(app: FastAPI, settings: Settings) -> None:
    for inner in (Persistence, BodyLimit, LastResort):  # the last is the outermost
        app.add_middleware(inner)
    if settings.rate_limits == "on":
        app.add_middleware(Limits)
    app.add_middleware(Paths)
    if settings.cors_origins:
        app.add_middleware(
            Cors,
            allow_origins=settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_credentials="*" not in settings.cors_origins,
            expose_headers=EXPOSED,
            max_age=600,
        )
    app.add_middleware(RequestContext, base=settings.base_url, secure=settings.is_production)


class RequestContext:
    """Names the request (X-Request-ID), answers with security headers, and logs what happened."""

    def __init__(self, app: ASGIApp, *, base: str = "", secure: bool = False) -> None:
        self.app = app
        self._base = base
        self._always = [*SECURITY, LASTING] if secure else SECURITY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given.decode() if ACCEPTABLE.fullmatch(given) else str(new_id())
        scope["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                own = message["headers"]
                message["headers"] = [
                    *own,
                    (b"x-request-id", request_id.encode()),
                    *self._always,
                    *_defaults(own),
                ]
            await send(message)

        token = logging.request_id.set(request_id)
        addresses.base.set(self._base)
        try:
            await self.app(scope, receive, named)
        finally:
            logging.request(
                method=scope["method"], path=scope["path"], status=status, started=started
            )
            logging.request_id.reset(token)


def _defaults(headers: Iterable[Header]) -> list[Header]:
    """Return what an answer needs and does not say by itself."""
    names = {name for name, _ in headers}
    missing = [] if STRICT_POLICY[0] in names else [STRICT_POLICY]
    if NOT_KEPT[0] not in names:
        missing.append(REVALIDATED if b"etag" in names else NOT_KEPT)
    return missing


class Cors(CORSMiddleware):
    """Starlette's, save that a preflight it refuses is an OPTIONS like any other.

    The browser refuses by itself when nothing allows it, and a 400 in plain text is no answer
    of ours.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "OPTIONS":
            headers = Headers(scope=scope)
            if "origin" in headers and "access-control-request-method" in headers:
                response = self.preflight_response(headers)
                allowed = response.status_code == 200
                return await (response if allowed else self.app)(scope, receive, send)
        await super().__call__(scope, receive, send)


class Paths:
    """A slash at the end means the same; HEAD is GET without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        path: str = scope["path"]
        if len(path) > 1 and path.endswith("/"):
            scope = {**scope, "path": path.rstrip("/") or "/"}
        if scope["method"] != "HEAD":
            return await self.app(scope, receive, send)

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
            elif not message.get("more_body", False):
                await send({"type": "http.response.body", "body": b""})

        await self.app({**scope, "method": "GET", "is_head": True}, receive, headers_only)


class LastResort:
    """Answer what nobody else did. It doesn't raise: a server would cut the connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except AppError as refusal:
            await errors.refused(scope, refusal)(scope, receive, send)
        except ClientDisconnect:
            log.info("client went away", method=scope["method"])
        except HTTPException as error:
            await errors.protocol(scope, error.status_code)(scope, receive, send)
        except Exception:
            log.exception("request failed", method=scope["method"])
            if not started:
                await errors.crashed(scope)(scope, receive, send)


class BodyLimit:
    """Refuse a body over the limit before it is read whole, declared or not."""

    def __init__(self, app: ASGIApp, *, limit: int = MEGABYTE) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        headers = scope["headers"]
        limit = uploads.LARGEST if uploads.PATHS.fullmatch(scope["path"]) else self.limit
        declared = next((value for name, value in headers if name == b"content-length"), b"")
        if declared.isdigit() and int(declared[:20]) > limit:
            raise HTTPException(413)
        counted = 0

        async def measured() -> Message:
            nonlocal counted
            message = await receive()
            if message["type"] == "http.request":
                counted += len(message.get("body", b""))
                if counted > limit:
                    raise HTTPException(413)
            return message

        await self.app(scope, measured, send)


class Persistence:
    """Run a request again when the database undid its transaction, up to three times.

    Nothing was sent yet: a transaction ends before its answer begins. What was heard of the
    body is heard again.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        heard: list[Message] = []

        async def attempt() -> None:
            again = iter(tuple(heard))

            async def listen() -> Message:
                for message in again:
                    return message
                heard.append(await receive())
                return heard[-1]

            await self.app(dict(scope), listen, send)

        await (persist(attempt) if scope["type"] == "http" else self.app(scope, receive, send))
