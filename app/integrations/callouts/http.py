"""Calling by HTTP, through a transport that connects to public addresses alone."""

import asyncio
import zlib
from collections.abc import Sequence
from functools import cache
from http import HTTPStatus
from ssl import SSLContext
from typing import Final

import httpx

from app.domain.callouts import AddressRefused
from app.integrations.callouts.protocol import CalloutFailed, Fetched
from app.integrations.callouts.reach import PORTS, Reach, Resolve, resolve

SECONDS: Final = 20.0  # for all of it, redirects too
SECONDS_OF_SILENCE: Final = 10.0
MOST_REDIRECTS: Final = 3
MOST_ADDRESSES: Final = 3  # of a name that are tried
LONGEST_ETAG: Final = 300
REDIRECTS: Final = (301, 302, 303, 307, 308)
GZIP: Final = zlib.MAX_WBITS | 16
AGENT: Final = "Banister"


class PublicTransport(httpx.AsyncBaseTransport):
    """Connects to an address that was checked, and speaks to the host that was named.

    The Host header is that of the name, and so is whose certificate is asked for. A connection is
    used once: kept open, one to this address could serve another name.
    """

    def __init__(
        self, reach: Reach, *, resolver: Resolve = resolve, trusted: SSLContext | None = None
    ) -> None:
        self._reach = reach
        self._resolve = resolver
        self._inner = httpx.AsyncHTTPTransport(
            verify=trusted or _trusted(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        *others, last = (await self._addresses(request.url))[:MOST_ADDRESSES]
        for address in others:
            try:
                return await self._inner.handle_async_request(_led_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_led_to(last, request))

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _addresses(self, url: httpx.URL) -> Sequence[str]:
        host = url.raw_host.decode("ascii").strip("[]")
        try:
            found = await self._resolve(host, url.port or PORTS[url.scheme])
        except (OSError, UnicodeError):
            found = []
        if not found:
            raise CalloutFailed("The address leads nowhere.")
        if not all(map(self._reach.allows, found)):
            raise CalloutFailed("The address leads into a network that is not called.")
        return found


class HttpCallouts:
    """`trusted` are the authorities whose certificates are believed: the usual ones by default."""

    def __init__(
        self,
        reach: Reach,
        *,
        resolver: Resolve = resolve,
        seconds: float = SECONDS,
        trusted: SSLContext | None = None,
    ) -> None:
        self._reach = reach
        self._resolver = resolver
        self._seconds = seconds
        self._trusted = trusted

    def checked(self, url: str) -> str:
        return self._reach.checked(url)

    async def fetch(
        self, url: str, *, accept: str, most: int, etag: str | None = None
    ) -> Fetched | None:
        headers = {"Accept": accept, "Accept-Encoding": "gzip", "User-Agent": AGENT}
        if etag is not None:
            headers["If-None-Match"] = etag
        try:
            async with asyncio.timeout(self._seconds), self._client(headers) as client:
                return await self._follow(client, url, most)
        except (TimeoutError, httpx.TimeoutException):
            raise CalloutFailed("The address does not answer in time.") from None
        except (httpx.HTTPError, httpx.InvalidURL):  # its words quote the address
            raise CalloutFailed("The address can't be reached.") from None

    def _client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=PublicTransport(self._reach, resolver=self._resolver, trusted=self._trusted),
            headers=headers,
            timeout=SECONDS_OF_SILENCE,
            trust_env=False,
        )

    async def _follow(self, client: httpx.AsyncClient, url: str, most: int) -> Fetched | None:
        for _ in range(MOST_REDIRECTS + 1):
            async with client.stream("GET", self._allowed(url)) as response:
                location = response.headers.get("Location")
                if response.status_code not in REDIRECTS or location is None:
                    return await _answer(response, most)
                url = str(httpx.URL(url).join(location))
        raise CalloutFailed("The address leads on and on.")

    def _allowed(self, url: str) -> str:
        try:
            return self._reach.checked(url)
        except AddressRefused:
            raise CalloutFailed("The address leads to one that is not called.") from None


async def _answer(response: httpx.Response, most: int) -> Fetched | None:
    if (
        response.status_code == HTTPStatus.NOT_MODIFIED
        and "If-None-Match" in response.request.headers
    ):
        return None
    if response.status_code != HTTPStatus.OK:
        raise CalloutFailed(f"The address answers {response.status_code}.")
    etag = response.headers.get("ETag")
    content = await _content(response, most)
    return Fetched(content, etag if etag and len(etag) <= LONGEST_ETAG else None)


async def _content(response: httpx.Response, most: int) -> bytes:
    """Read up to `most` bytes, unpacked bit by bit: a small file can't become a huge one."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip", "x-gzip"):
        raise CalloutFailed("The address answers in a coding that is not read here.")
    unpacker = None if coding == "identity" else zlib.decompressobj(GZIP)
    content = bytearray()
    try:
        async for part in response.aiter_raw():
            room = most + 1 - len(content)
            content += unpacker.decompress(part, room) if unpacker else part
            if len(content) > most:
                raise CalloutFailed(f"The file is larger than {most >> 20} MiB.")
    except zlib.error:
        raise CalloutFailed("The file can't be unpacked.") from None
    if unpacker and (unpacker.unused_data or not unpacker.eof):
        raise CalloutFailed("The file can't be unpacked.")
    return bytes(content)


def _led_to(address: str, request: httpx.Request) -> httpx.Request:
    host = request.url.raw_host.decode("ascii").strip("[]")
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


@cache
def _trusted() -> SSLContext:
    return httpx.create_ssl_context()  # 20 ms, once
