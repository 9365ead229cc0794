"""Asking a messenger over HTTP: briefly, without following it elsewhere, and not for too much."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Any, Final

import httpx

LARGEST: Final = 1 << 20
SECONDS: Final = 8.0
SECONDS_TO_CONNECT: Final = 3.0
LONGEST_WAIT: Final = 3600
# None of these has let a byte of a request out.
BEFORE_ANYTHING: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Lost(Exception):
    """No answer that can be read; `is_undone` where the request can't have arrived.

    Its word is of ours: those of a library quote addresses, and in some a token stands.
    """

    def __init__(self, word: str, *, is_undone: bool = False) -> None:
        super().__init__(word)
        self.word = word
        self.is_undone = is_undone


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object with its status; empty where what came was something else."""

    status: int
    document: Mapping[str, Any]
    retry_after: int | None

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    def get(self, *path: str) -> Any:
        """Return what stands there, None where nothing does."""
        found: Any = self.document
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def word(self, *path: str) -> str:
        """Return the text or number that stands there as text; empty where there is none."""
        found = self.get(*path)
        is_word = isinstance(found, (str, int)) and not isinstance(found, bool)
        return str(found)[:200] if is_word else ""


class Wire:
    """One client for all calls of a process; `seconds` is what one call may take."""

    def __init__(self, base: str, *, seconds: float = SECONDS) -> None:
        self._base = base.rstrip("/")
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    async def ask(self, method: str, path: str, **request: Any) -> Answer:
        """Return what is answered to a path of it, or to an address that begins with `http`."""
        url = path if path.startswith("http") else f"{self._base}{path}"
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._open().stream(method, url, **request) as response,
            ):
                return _answer(response, await _content(response))
        except BEFORE_ANYTHING as error:
            raise Lost(type(error).__name__, is_undone=True) from None
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise Lost(type(error).__name__) from None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            timeout = httpx.Timeout(self._seconds, connect=SECONDS_TO_CONNECT)
            self._client = httpx.AsyncClient(
                verify=_trusted(), timeout=timeout, headers={"Accept-Encoding": "identity"}
            )
        return self._client


async def _content(response: httpx.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_raw():  # unpacked, a small answer could be a huge one
        content += part
        if len(content) > LARGEST:
            raise Lost("too large")
    return bytes(content)


def _answer(response: httpx.Response, content: bytes) -> Answer:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        document = None
    is_object = isinstance(document, dict)
    if response.is_success and not is_object:
        raise Lost("unreadable")
    asked = response.headers.get("Retry-After", "")
    seconds = min(int(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() else None
    return Answer(response.status_code, document if is_object else {}, seconds)


@cache
def _trusted() -> SSLContext:
    return httpx.create_ssl_context()  # 20 ms, once
