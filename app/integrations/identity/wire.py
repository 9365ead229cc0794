"""Asking a provider over HTTP: briefly, without following it elsewhere, and not for too much."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from ssl import SSLContext
from typing import Any, Final

import httpx

LARGEST: Final = 1 << 20
SECONDS: Final = 5.0


class Unusable(Exception):
    """What a provider says can't be used, whatever it is; the words are for the log."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    document: Mapping[str, Any]

    def good(self) -> Mapping[str, Any]:
        if self.status != HTTPStatus.OK:
            raise Unusable(f"answered {self.status}")
        return self.document


async def ask(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: str | None = None
) -> Answer:
    """Return what is answered, which must be a JSON object."""
    async with (
        httpx.AsyncClient(verify=_trusted(), timeout=SECONDS) as client,
        client.stream(method, url, headers=headers, content=body) as response,
    ):
        content = b""
        async for part in response.aiter_bytes():
            content += part
            if len(content) > LARGEST:
                raise Unusable("answered more than can be read")
    return Answer(response.status_code, _object(content, response.status_code))


def _object(content: bytes, status: int) -> Mapping[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise Unusable(f"answered {status} without a JSON object")
    return document


@cache
def _trusted() -> SSLContext:
    return httpx.create_ssl_context()  # 20 ms, once
