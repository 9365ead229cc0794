"""Walking a list of the API from its first page to its last."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx


async def nothing() -> None:
    """Do nothing between two pages."""


async def walk(
    client: httpx.AsyncClient,
    path: str,
    *,
    limit: int = 3,
    headers: Mapping[str, str] | None = None,
    between: Callable[[], Awaitable[Any]] = nothing,
    **query: Any,
) -> list[dict[str, Any]]:
    """Return the items of all pages; `between` is awaited after each page but the last."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(path, params={"limit": limit, **query, **cursor}, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        assert len(page["items"]) == limit
        cursor = {"cursor": page["next_cursor"]}
        await between()
