"""Conversations, and what is said in them, as requests of those who talk."""

from typing import Any

import httpx

Headers = dict[str, str]


async def open_talk(client: httpx.AsyncClient, headers: Headers, **about: Any) -> dict[str, Any]:
    """Open a conversation, or find the one that is there."""
    answer = await client.post("/conversations", headers=headers, json=about)
    assert answer.status_code in (200, 201), answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def say(
    client: httpx.AsyncClient, headers: Headers, talk: dict[str, Any], text: str, **more: Any
) -> dict[str, Any]:
    path = f"/conversations/{talk['id']}/messages"
    answer = await client.post(path, headers=headers, json={"text": text, **more})
    assert answer.status_code in (200, 201), answer.text
    said: dict[str, Any] = answer.json()
    return said


async def history(
    client: httpx.AsyncClient, headers: Headers, talk: dict[str, Any], query: str = "sort=seq"
) -> list[dict[str, Any]]:
    """Return a page of what was said, in its order."""
    answer = await client.get(f"/conversations/{talk['id']}/messages?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def unread(client: httpx.AsyncClient, headers: Headers, talk: dict[str, Any]) -> int:
    answer = await client.get(f"/conversations/{talk['id']}", headers=headers)
    assert answer.status_code == 200, answer.text
    count: int = answer.json()["unread"]
    return count
