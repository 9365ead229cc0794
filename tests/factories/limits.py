"""Clients from elsewhere, and what they are told is left."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx

from app.bootstrap import Doors, build_adapters
from app.main import create_app
from tests.contract import ensure_documented

PARTS = re.compile(r'"(\w+)";[qr]=(\d+);[wt]=(\d+)')


@asynccontextmanager
async def client_from(ip: str | None, doors: Doors) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application at an address of the internet."""
    app = create_app(doors.adapters.settings)

    async def placed(scope, receive, send):
        scope["client"] = ip and (ip, 50_000)
        scope["state"] = {"doors": doors, "tokens": doors.adapters.tokens}
        await app(scope, receive, send)

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(placed),
        base_url="http://test/api/v1",
        event_hooks={"response": [ensure_documented]},
    ) as client:
        yield client


def counting_in(store: str, doors: Doors, **more: str) -> Doors:
    """Return the same doors, whose tries are counted in another store."""
    changed = {"rate_limit_store": store, **more}
    settings = doors.adapters.settings.model_copy(update=changed)
    made = build_adapters(settings, doors.adapters.clock, doors.database)
    made.passwords.close()
    adapters = replace(doors.adapters, settings=settings, limiter=made.limiter)
    return replace(doors, adapters=adapters)


def told(answer: httpx.Response, name: str) -> tuple[int, int, int, int]:
    """Return q, w, r and t of a quota."""
    policy, left = (
        {quota: (int(n), int(t)) for quota, n, t in PARTS.findall(answer.headers[header])}
        for header in ("RateLimit-Policy", "RateLimit")
    )
    return (*policy[name], *left[name])
