"""Asking FreedomPay over HTTP: signed, briefly, and believed only where the answer is signed."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from ssl import SSLContext
from typing import Final

import httpx

from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.integrations.payments.freedompay_signing import Tag, is_signed, signed
from app.integrations.payments.freedompay_xml import LARGEST, Unusable, read_xml

SECONDS: Final = 10.0
HEADERS: Final = {"Accept-Encoding": "identity"}
# What they call a failure of their own or of a bank, which may be over the next time.
PASSING: Final = frozenset({"350", "465", "470", "475", "850", "1000"})


class FreedomPayCalls:
    def __init__(self, base: str, merchant_id: str, secret: str, *, seconds: float) -> None:
        self._base = base.rstrip("/")
        self._merchant_id = merchant_id
        self._secret = secret
        self._seconds = seconds

    async def call(self, script: str, fields: Mapping[str, str]) -> "Fields":
        """Return what is answered; GatewayRefused with the code where that is an error."""
        form = signed(script, {"pg_merchant_id": self._merchant_id, **fields}, self._secret)
        with unusable_as_unavailable():
            tags = read_xml(await self._sent(script, form))
            if not is_signed(script, tags, self._secret):
                raise Unusable("not signed by it")
        answer = Fields(tags)
        if answer.get("pg_status") != "ok":
            raise _refusal(answer)
        return answer

    async def _sent(self, script: str, form: Mapping[str, str]) -> bytes:
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx.AsyncClient(
                    verify=_trusted(),
                    timeout=self._seconds,
                    headers={"Accept-Encoding": "identity"},
                ) as client,
                client.stream("POST", f"{self._base}/{script}", data=form) as response,
            ):
                return await _content(response)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unusable(type(error).__name__) from None  # its words may quote what was sent


@contextmanager
def unusable_as_unavailable() -> Iterator[None]:
    """Take an answer that can't be used for none: it may have had its effect."""
    try:
        yield
    except Unusable as error:
        raise GatewayUnavailable from error


class Fields:
    """The parameters of one answer or notice by name; of a doubled one the first."""

    def __init__(self, tags: tuple[Tag, ...]) -> None:
        self._tags = tags

    def get(self, name: str) -> str:
        """Return its text without blanks around it, empty where it is missing."""
        return next((tag.text.strip() for tag in self._tags if tag.name == name), "")

    def lists(self, name: str) -> list["Fields"]:
        """Return what is listed under that name, in its order."""
        return [Fields(one.within) for tag in self._tags if tag.name == name for one in tag.within]


async def _content(response: httpx.Response) -> bytes:
    if response.status_code != HTTPStatus.OK:
        raise Unusable(f"answered {response.status_code}")
    content = bytearray()
    async for part in response.aiter_raw():  # unpacked, a small answer could be a huge one
        content += part
        if len(content) > LARGEST:
            raise Unusable("answered more than can be read")
    return bytes(content)


def _refusal(answer: Fields) -> GatewayRefused | GatewayUnavailable:
    code = answer.get("pg_error_code") or answer.get("pg_failure_code") or "unknown"
    if code in PASSING:
        return GatewayUnavailable()
    return GatewayRefused(code[:40])


@cache
def _trusted() -> SSLContext:
    return httpx.create_ssl_context()  # 20 ms, once
