"""A Twilio of our own: messages that are made and listed, a login, callbacks, and faults.

Its shapes are those of twilio.com/docs/messaging/api/message-resource.
"""

import hmac
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.core.clock import Clock
from tests.fakes.messengers import MessengerServer, serving

SID = "AC0123456789abcdef0123456789abcdef"
TOKEN = "twilio-canary-token"
FROM = "+15005550006"
LANDLINE = "+12025550100"
STOPPED = "+12025550101"
REFUSED = {LANDLINE: 21614, STOPPED: 21610}
CODES = {
    "400": 21617,
    "401": 20003,
    "403": 20003,
    "404": 20404,
    "429": 20429,
    "500": 20500,
    "503": 20503,
}


@dataclass
class TwilioServer(MessengerServer):
    clock: Clock | None = None
    messages: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)  # the last form
    prefix: str = ""  # what a trial account writes before each text
    status: str = "active"
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def create(self, request: Request) -> Response:
        self.calls["create"] += 1
        if refused := self._stranger(request):
            return refused
        form = dict(parse_qsl((await request.body()).decode()))
        return await self.sending(request, lambda: self._created(form))

    async def _created(self, form: dict[str, str]) -> Response:
        self.sent = form
        code = REFUSED.get(form["To"]) or (21211 if not form["To"].startswith("+") else None)
        if code or len(form["Body"]) > 1600:
            return _error(400, code or 21617, form)
        assert ("From" in form) != ("MessagingServiceSid" in form)
        assert self.clock is not None
        message = {
            "sid": f"SM{next(self._ids):032x}",
            "to": form["To"],
            "body": self.prefix + form["Body"],
            "status": "queued",
            "date_created": format_datetime(self.clock()),
        }
        self.messages.append(message)
        return JSONResponse(message, 201)

    async def listed(self, request: Request) -> Response:
        self.calls["list"] += 1
        if refused := self._stranger(request):
            return refused
        to, most = request.query_params["To"], int(request.query_params["PageSize"])
        found = [one for one in reversed(self.messages) if one["to"] == to]
        return JSONResponse({"messages": found[:most], "page_size": most})

    async def account(self, request: Request) -> Response:
        self.calls["account"] += 1
        return self._stranger(request) or JSONResponse({"sid": SID, "status": self.status})

    def refuse(self, fault: str) -> Response:
        headers = {"Retry-After": "7"} if fault == "429" else None
        return _error(int(fault), CODES[fault], {}, headers)

    def _stranger(self, request: Request) -> Response | None:
        login = b64encode(f"{SID}:{TOKEN}".encode()).decode()
        known = request.headers.get("authorization") == f"Basic {login}"
        return None if known else _error(401, 20003, {})


def _error(
    status: int, code: int, form: dict[str, str], headers: dict[str, str] | None = None
) -> Response:
    said = f"The 'To' number {form.get('To')} is no good for '{form.get('Body')}' ({TOKEN})."
    return JSONResponse({"code": code, "message": said, "status": status}, status, headers)


def callback(reference: str, state: str, code: str = "", **more: str) -> bytes:
    """Return the form by which Twilio tells how far a message got."""
    form = {"MessageSid": reference, "SmsSid": reference, "MessageStatus": state, "To": LANDLINE}
    return urlencode(form | ({"ErrorCode": code} if code else {}) | more).encode()


def signed(url: str, body: bytes, token: str = TOKEN) -> dict[str, str]:
    """Return the headers of a callback (twilio.com/docs/usage/security)."""
    fields = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    told = url + "".join(name + value for name, value in fields)
    digest = hmac.digest(token.encode(), told.encode(), "sha1")
    return {
        "x-twilio-signature": b64encode(digest).decode(),
        "content-type": "application/x-www-form-urlencoded",
    }


@asynccontextmanager
async def twilio_server(clock: Clock) -> AsyncIterator[TwilioServer]:
    fake = TwilioServer(clock=clock)
    at = f"/2010-04-01/Accounts/{SID}"
    routes = [
        Route(f"{at}/Messages.json", fake.create, methods=["POST"]),
        Route(f"{at}/Messages.json", fake.listed, methods=["GET"]),
        Route(f"{at}.json", fake.account, methods=["GET"]),
    ]
    async with serving(fake, routes):
        yield fake
