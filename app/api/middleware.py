"""What surrounds every request. Pure ASGI: each costs about a microsecond."""

import re
import time
from typing import Final

import structlog
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import errors
from app.bootstrap import persist
from app.core.errors import AppError
from app.core.ids import new_id

ACCEPTABLE: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")
MEGABYTE: Final = 1 << 20
SECURITY: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
# An API's answers load nothing; pages that do (Swagger, the mailbox) say so themselves.
STRICT_POLICY: Final = (
    b"content-security-policy",
    b"default-src 'none'; frame-ancestors 'none'",
)
log = structlog.get_logger("banister.http")


class RequestContext:
    """Names the request (X-Request-ID), answers with security headers, and logs what happened."""

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self.app = app
        self._headers = list(SECURITY)
        if secure:
            self._headers.append(
                (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        request_id = given if ACCEPTABLE.fullmatch(given) else str(new_id()).encode()
        scope["request_id"] = request_id.decode()
        started, status = time.perf_counter(), 0

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message["headers"], (b"x-request-id", request_id), *self._headers]
                if not any(name == b"content-security-policy" for name, _ in message["headers"]):
                    headers.append(STRICT_POLICY)
                message["headers"] = headers
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=scope["request_id"]):
            await self.app(scope, receive, named)
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=int(status),
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )


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
        except Exception:
            log.exception("request failed", path=scope["path"])
            if not started:
                await errors.crashed(scope)(scope, receive, send)


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


class BodyLimit:
    """Refuse a body over the limit before it is read whole, declared or not."""

    def __init__(self, app: ASGIApp, *, limit: int = MEGABYTE) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return await self.app(scope, receive, send)
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        counted = int(declared) if declared.isdigit() else 0

        async def measured() -> Message:
            nonlocal counted
            if counted > self.limit:
                raise HTTPException(413)
            message = await receive()
            if message["type"] == "http.request" and not declared:
                counted += len(message.get("body", b""))
                if counted > self.limit:
                    raise HTTPException(413)
            return message

        await self.app(scope, measured, send)


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

        await self.app({**scope, "method": "GET"}, receive, headers_only)

