"""Who asks too often is told to wait, before anything is asked of the database."""

from functools import cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api import errors
from app.api.deps import LONGEST_TOKEN
from app.bootstrap import Doors
from app.core.errors import Unauthenticated
from app.core.tokens import Tokens
from app.domain.limits import Quota, RateLimited, Tally, Window, tally

READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
UNLIMITED: Final = "/health"
"""What is asked by machines that must know, all from one address."""
LONGEST_ADDRESS: Final = 64  # a proxy may pass on whatever it was told
BEARER: Final = b"bearer "


class Limits:
    """Count each request, and tell what is left (draft-ietf-httpapi-ratelimit-headers-10).

    What its use case spends besides (a try, a letter) is told with it, in good answers and
    refusals alike.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNLIMITED):
            return await self.app(scope, receive, send)
        doors: Doors = scope["state"]["doors"]
        client, account = scope.get("client"), _account(scope, doors.adapters.tokens)
        address = client[0][:LONGEST_ADDRESS] if client else None
        counted = Tally()

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_headers(counted)]
            await send(message)

        token = tally.set(counted)
        try:
            quota = Quota.READS if scope["method"] in READING else Quota.WRITES
            await doors.adapters.limiter.spend(quota, address, *((account,) if account else ()))
        except RateLimited as refusal:
            await errors.refused(scope, refusal)(scope, receive, told)
        else:
            await self.app(scope, receive, told)
        finally:
            tally.reset(token)


def _account(scope: Scope, tokens: Tokens) -> str | None:
    """Return whose request it is: an account's, or that of an API key, good or not."""
    for name, value in scope["headers"]:
        if name == b"authorization" and value[: len(BEARER)].lower() == BEARER:
            try:
                token = value[len(BEARER) : LONGEST_TOKEN].decode("latin-1")
                return str(tokens.verify(token).user_id)
            except Unauthenticated:
                return None
        if name == b"x-api-key":
            return f"key {value[:LONGEST_TOKEN].decode('latin-1')}"
    return None


def _headers(counted: Tally) -> list[tuple[bytes, bytes]]:
    """Return the headers: structured fields (RFC 9651), a list each."""
    told = counted.told.values()
    if not told:
        return []
    policies = [_policy(spent.quota, spent.window) for spent in told]
    left = [f'"{spent.quota.value}";r={spent.left};t={spent.resets_in}' for spent in told]
    return [
        (b"ratelimit-policy", ", ".join(policies).encode()),
        (b"ratelimit", ", ".join(left).encode()),
    ]


@cache
def _policy(quota: Quota, window: Window) -> str:
    return f'"{quota}";q={window.most};w={window.seconds}'
